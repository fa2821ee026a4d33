package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Assigns pods to the one node, if it fits them.
record Scheduler(Resources resources, String node) {

    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

    /// @param seen the pod as it was in some change; what counts is how it is now
    void look(ObjectNode seen) {
        ObjectNode pod = resources
                .find(resources.types().builtin(BuiltinTypes.PODS), Metadata.namespace(seen), Metadata.name(seen))
                .map(Stored::object)
                .orElse(seen);
        if (!Metadata.uid(pod).equals(Metadata.uid(seen))) {
            return;
        }
        if (pod.path("spec").hasNonNull("nodeName") || Metadata.isBeingDeleted(pod)) {
            return;
        }
        Events events = new Events(resources, "default-scheduler", node);
        String obstacle = obstacle(pod);
        try {
            if (!obstacle.isEmpty()) {
                String message = "0/1 nodes are available: " + obstacle;
                if (condition(pod, "False", "Unschedulable", message)) {
                    events.warning(pod, "FailedScheduling", message);
                }
                return;
            }
            condition(pod, "True", "", "");
            ObjectNode assignment = Json.object();
            assignment.putObject("spec").put("nodeName", node);
            resources.patch(
                    resources.types().builtin(BuiltinTypes.PODS),
                    Metadata.namespace(pod),
                    Metadata.name(pod),
                    Part.OBJECT,
                    new Patch.Merge(assignment),
                    WriteOptions.DEFAULT);
            events.normal(
                    pod,
                    "Scheduled",
                    "Successfully assigned " + Metadata.namespace(pod) + "/" + Metadata.name(pod) + " to " + node);
        } catch (ApiFailure e) {
            LOG.debug("Pod {} is gone: {}", Metadata.name(pod), e.getMessage());
        }
    }

    private String obstacle(ObjectNode pod) {
        JsonNode found = resources
                .find(resources.types().builtin(BuiltinTypes.NODES), "", node)
                .<JsonNode>map(stored -> stored.object())
                .orElse(Json.object());
        if (found.path("spec").path("unschedulable").asBoolean(false)) {
            return "1 node(s) were unschedulable.";
        }
        Map<String, String> labels = Metadata.labels(found);
        boolean fits = pod.path("spec").path("nodeSelector").properties().stream()
                .allMatch(wanted -> wanted.getValue().asText().equals(labels.get(wanted.getKey())));
        return fits ? "" : "1 node(s) didn't match Pod's node affinity/selector.";
    }

    /// @return whether the condition was another before
    private boolean condition(ObjectNode pod, String status, String reason, String message) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("PodScheduled")
                    && condition.path("status").asText().equals(status)
                    && condition.path("message").asText("").equals(message)) {
                return false;
            }
        }
        ObjectNode body = Json.object();
        ObjectNode condition = body.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "PodScheduled")
                .put("status", status)
                .put("lastTransitionTime", Metadata.timestamp(resources.clock().instant()));
        if (!reason.isEmpty()) {
            condition.put("reason", reason).put("message", message);
        }
        resources.patch(
                resources.types().builtin(BuiltinTypes.PODS),
                Metadata.namespace(pod),
                Metadata.name(pod),
                Part.STATUS,
                new Patch.StrategicMerge(body),
                WriteOptions.DEFAULT);
        return true;
    }
}
