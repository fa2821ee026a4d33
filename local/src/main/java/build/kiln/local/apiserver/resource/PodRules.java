package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.status.Cause;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Pods get their defaults, stay pending until a node takes them, and do not change their spec.
final class PodRules implements KindRules {

    @Override
    public void onCreate(ObjectNode pod, Instant now) {
        ObjectNode spec = Json.child(pod, "spec");
        Json.putIfMissing(spec, "restartPolicy", "Always");
        Json.putIfMissing(spec, "dnsPolicy", "ClusterFirst");
        Json.putIfMissing(spec, "schedulerName", "default-scheduler");
        Json.putIfMissing(spec, "serviceAccountName", "default");
        spec.put("serviceAccount", spec.get("serviceAccountName").asText());
        if (!spec.has("terminationGracePeriodSeconds")) {
            spec.put("terminationGracePeriodSeconds", 30);
        }
        Json.child(spec, "securityContext");
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode each : spec.path(list)) {
                if (each instanceof ObjectNode container) {
                    completeContainer(container);
                }
            }
        }
        ObjectNode status = pod.putObject("status");
        status.put("phase", "Pending").put("qosClass", "BestEffort");
    }

    private static void completeContainer(ObjectNode container) {
        Json.putIfMissing(container, "terminationMessagePath", "/dev/termination-log");
        Json.putIfMissing(container, "terminationMessagePolicy", "File");
        String image = container.path("image").asText("");
        boolean latest = image.endsWith(":latest")
                || !image.substring(image.lastIndexOf('/') + 1).contains(":");
        Json.putIfMissing(container, "imagePullPolicy", latest && !image.contains("@") ? "Always" : "IfNotPresent");
        Json.child(container, "resources");
    }

    @Override
    public List<Cause> check(ObjectNode pod) {
        List<Cause> causes = new ArrayList<>();
        JsonNode containers = pod.path("spec").path("containers");
        if (containers.isEmpty()) {
            causes.add(Cause.required("spec.containers", ""));
        }
        for (int i = 0; i < containers.size(); i++) {
            for (String field : List.of("name", "image")) {
                if (containers.get(i).path(field).asText("").isEmpty()) {
                    causes.add(Cause.required("spec.containers[" + i + "]." + field, ""));
                }
            }
            checkMounts(pod, i, causes);
        }
        return causes;
    }

    private static void checkMounts(ObjectNode pod, int container, List<Cause> causes) {
        List<String> volumes = pod.path("spec").path("volumes").findValuesAsText("name");
        JsonNode mounts = pod.path("spec").path("containers").path(container).path("volumeMounts");
        for (int i = 0; i < mounts.size(); i++) {
            JsonNode name = mounts.get(i).path("name");
            if (!volumes.contains(name.asText())) {
                String field = "spec.containers[" + container + "].volumeMounts[" + i + "].name";
                causes.add(new Cause("FieldValueNotFound", field, "Not found: " + name));
            }
        }
    }

    @Override
    public List<Cause> checkChange(ObjectNode old, ObjectNode pod) {
        if (Json.same(immutable(old), immutable(pod))) {
            return List.of();
        }
        return List.of(Cause.forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,"
                        + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions"
                        + " to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
                        + " was previously negative)"));
    }

    private static JsonNode immutable(ObjectNode pod) {
        ObjectNode spec = Json.child(pod.deepCopy(), "spec");
        spec.remove(List.of("activeDeadlineSeconds", "tolerations", "nodeName"));
        for (String list : List.of("initContainers", "containers")) {
            spec.path(list).forEach(container -> ((ObjectNode) container).remove("image"));
        }
        return spec;
    }

    /// What no node has taken, or what has ended, goes at once.
    @Override
    public Duration gracePeriod(ObjectNode pod) {
        String phase = pod.path("status").path("phase").asText();
        boolean ended = phase.equals("Succeeded") || phase.equals("Failed");
        if (ended || pod.path("spec").path("nodeName").asText("").isEmpty()) {
            return Duration.ZERO;
        }
        return Duration.ofSeconds(
                pod.path("spec").path("terminationGracePeriodSeconds").asLong(30));
    }
}
