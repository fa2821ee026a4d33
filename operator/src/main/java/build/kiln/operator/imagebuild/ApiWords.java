package build.kiln.operator.imagebuild;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;

/// What an API server says when it refuses something.
final class ApiWords {

    private static final int MAX = 1000;

    private ApiWords() {}

    /// In one line, without a dot at the end.
    static String of(KubernetesClientException e) {
        Status status = e.getStatus();
        String message = status != null && status.getMessage() != null ? status.getMessage() : e.getMessage();
        String line = String.valueOf(message).replaceAll("\\p{Cntrl}+", " ").strip();
        line = line.length() > MAX ? line.substring(0, MAX) + "…" : line;
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    /// Without the name of the pod, which is that of one build among many.
    static String ofAnyPod(String words) {
        return words.replaceFirst("^(pods|Pod) \"[^\"]*\" is (forbidden|invalid): ", "");
    }

    static boolean isOfLeavingNamespace(String words) {
        return words.contains("is being terminated");
    }

    /// Many pods at once, and each wants the quota to count it: it has to be tried again.
    static boolean isOfQuotaInUse(String words) {
        return words.contains("resourcequotas");
    }

    static boolean isOfQuota(String words) {
        return words.contains("exceeded quota");
    }
}
