package build.kiln.bench.stub;

import build.kiln.bench.stub.Plan.End;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletionException;

/// What a scheduler and a kubelet write about a pod. The API server's refusals are passed on.
///
/// @param node the name of the node
record PodWrites(KubernetesClient client, String node) {

    /// Safe to repeat.
    void bind(Pod pod) {
        try {
            assign(pod);
        } catch (KubernetesClientException e) {
            // The client asks again when an answer is long in coming, and then the pod is bound already.
            if (e.getCode() != 409 || !isHere(pod)) {
                throw e;
            }
        }
    }

    private boolean isHere(Pod pod) {
        Pod now = client.resource(pod).get();
        return now != null && node.equals(now.getSpec().getNodeName());
    }

    private void assign(Pod pod) {
        client.raw(
                "/" + path(pod) + "/binding",
                "POST",
                Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Binding",
                        "metadata",
                        Map.of(
                                "name",
                                pod.getMetadata().getName(),
                                "namespace",
                                pod.getMetadata().getNamespace()),
                        "target",
                        Map.of("apiVersion", "v1", "kind", "Node", "name", node)));
    }

    void run(Pod pod) {
        ObjectNode status = JsonNodeFactory.instance.objectNode().put("phase", "Running");
        container(status).putObject("running").put("startedAt", now());
        patch(pod, status);
    }

    void end(Pod pod, End end) {
        boolean isGood = end == End.SUCCEEDED;
        ObjectNode status = JsonNodeFactory.instance.objectNode().put("phase", isGood ? "Succeeded" : "Failed");
        if (end == End.DISRUPTED) {
            status.putArray("conditions")
                    .addObject()
                    .put("type", "DisruptionTarget")
                    .put("status", "True")
                    .put("reason", "TerminationByKubelet")
                    .put("message", "The node is shut down.")
                    .put("lastTransitionTime", now());
        }
        container(status)
                .putObject("terminated")
                .put("exitCode", isGood ? 0 : end == End.RUN_FAILED ? 1 : 137)
                .put("reason", isGood ? "Completed" : "Error")
                .put("startedAt", now())
                .put("finishedAt", now())
                .put("message", Reports.terminationMessage(pod.getMetadata().getName(), end));
        patch(pod, status);
    }

    /// The last word of a kubelet on a pod that is to go.
    void remove(Pod pod) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withGracePeriod(0)
                .delete();
    }

    private static ObjectNode container(ObjectNode status) {
        return status.putArray("containerStatuses")
                .addObject()
                .put("name", "builder")
                .put("image", "kiln.local/builder")
                .put("imageID", "")
                .put("ready", false)
                .put("restartCount", 0)
                .putObject("state");
    }

    private void patch(Pod pod, ObjectNode status) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("metadata").put("uid", pod.getMetadata().getUid());
        body.set("status", status);
        HttpClient http = client.getHttpClient();
        // The client's own patch would read the pod before, and a kubelet does not.
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(URI.create(client.getMasterUrl() + path(pod) + "/status"))
                .patch("application/merge-patch+json", body.toString())
                .build();
        try {
            HttpResponse<String> answer = http.sendAsync(request, String.class).join();
            if (!answer.isSuccessful()) {
                throw new KubernetesClientException(answer.body(), answer.code(), null);
            }
        } catch (CompletionException e) {
            throw new KubernetesClientException("No answer to " + request.uri(), e);
        }
    }

    private static String path(Pod pod) {
        return "api/v1/namespaces/%s/pods/%s"
                .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
