package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the user may say of the builder pod. Kiln's own fields are not among them.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PodSettings(
        @JsonPropertyDescription("CPU, memory and other resources of the builder container.") @Nullable
        ResourceRequirements resources,

        @Size(max = 64) @JsonPropertyDescription("Labels that a node must have.")
        Map<String, String> nodeSelector,

        @Size(max = 64) @JsonPropertyDescription("Taints that the pod tolerates.")
        List<Toleration> tolerations,

        @JsonPropertyDescription("Rules for choosing a node.") @Nullable
        Affinity affinity,

        @Size(max = 16) @JsonPropertyDescription("How builder pods spread over the cluster.")
        List<TopologySpreadConstraint> topologySpreadConstraints,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The service account of the pod. Its token is not mounted.")
        @Nullable
        String serviceAccountName,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The priority class of the pod.")
        @Nullable
        String priorityClassName,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The runtime class of the pod.")
        @Nullable
        String runtimeClassName,

        @Size(min = 1, max = 253) @JsonPropertyDescription("The scheduler that places the pod.") @Nullable
        String schedulerName,

        @Size(max = 16) @JsonPropertyDescription("Secrets for pulling the image of the builder itself.")
        List<LocalObjectReference> imagePullSecrets,

        @Size(max = 64)
        @ValidationRule(
                value = "self.all(key, !key.startsWith('kiln.build/'))",
                messageExpression = Rules.OWN_KEY_MESSAGE)
        @JsonPropertyDescription("Further labels of the pod.")
        Map<String, String> labels,

        @Size(max = 64)
        @ValidationRule(
                value = "self.all(key, !key.startsWith('kiln.build/'))",
                messageExpression = Rules.OWN_KEY_MESSAGE)
        @JsonPropertyDescription("Further annotations of the pod.")
        Map<String, String> annotations,

        @Size(max = 64)
        @JsonPropertyDescription(
                "Further environment variables of the builder. Of them a RUN sees the proxies alone (HTTP_PROXY,"
                        + " HTTPS_PROXY, FTP_PROXY, NO_PROXY, ALL_PROXY), which are part of neither the image nor the cache.")
        List<EnvVar> env) {

    static final PodSettings DEFAULT = new PodSettings(
            null, Map.of(), List.of(), null, List.of(), null, null, null, null, List.of(), Map.of(), Map.of(),
            List.of());

    public PodSettings {
        nodeSelector = Copies.of(nodeSelector);
        tolerations = Copies.of(tolerations);
        topologySpreadConstraints = Copies.of(topologySpreadConstraints);
        imagePullSecrets = Copies.of(imagePullSecrets);
        labels = Copies.of(labels);
        annotations = Copies.of(annotations);
        env = Copies.of(env);
    }
}
