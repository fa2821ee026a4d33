package build.kiln.operator.policy;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What of a pod decides whether it gets the isolation that it asks for: pods that are alike in it fare alike.
///
/// @param text equal for pods that are alike
public record Circumstances(String text) {

    /// Those that admission goes by, besides the isolation: whom it trusts with more, and what is isolated anyway.
    public static Circumstances ofAdmission(Pod pod) {
        return new Circumstances("account " + pod.getSpec().getServiceAccountName() + ", runtime "
                + pod.getSpec().getRuntimeClassName());
    }

    /// Those that decide whether the pod's node can give it a user namespace.
    public static Circumstances of(Pod pod) {
        Map<String, String> selector = pod.getSpec().getNodeSelector() == null
                ? Map.of()
                : pod.getSpec().getNodeSelector();
        TreeSet<String> claims = pod.getSpec().getVolumes().stream()
                .map(v -> v.getPersistentVolumeClaim() == null
                        ? null
                        : v.getPersistentVolumeClaim().getClaimName())
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
        return new Circumstances("runtime " + pod.getSpec().getRuntimeClassName() + ", architecture "
                + selector.get("kubernetes.io/arch") + ", claims " + claims);
    }
}
