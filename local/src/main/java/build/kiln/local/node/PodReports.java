package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one pod's status.
final class PodReports {

    private static final Logger LOG = LoggerFactory.getLogger(PodReports.class);

    private final Resources resources;
    private final ObjectNode pod;
    private final ObjectNode container;

    PodReports(Resources resources, ObjectNode pod) {
        this.resources = resources;
        this.pod = pod;
        this.container = (ObjectNode) pod.path("spec").path("containers").path(0);
    }

    void waiting(String reason, String message) {
        ObjectNode state = Json.object();
        ObjectNode waiting = state.putObject("waiting").put("reason", reason);
        if (!message.isEmpty()) {
            waiting.put("message", message);
        }
        ObjectNode status = Json.object().put("phase", "Pending");
        status.put("startTime", now());
        containerStatus(status, state, false);
        conditions(
                status,
                Map.of("Initialized", "True", "ContainersReady", "False", "Ready", "False"),
                "ContainersNotReady");
        write(status);
    }

    void running(Instant startedAt) {
        ObjectNode state = Json.object();
        state.putObject("running").put("startedAt", Metadata.timestamp(startedAt));
        ObjectNode status = Json.object().put("phase", "Running");
        status.put("hostIP", "127.0.0.1").put("podIP", "127.0.0.1");
        containerStatus(status, state, true);
        conditions(status, Map.of("Initialized", "True", "ContainersReady", "True", "Ready", "True"), "");
        write(status);
    }

    /// @param podReason why the node ended the pod; empty if it ended by itself
    void ended(Instant startedAt, ContainerEnd end, String podReason, String podMessage) {
        ObjectNode state = Json.object();
        ObjectNode terminated = state.putObject("terminated")
                .put("exitCode", end.exitCode())
                .put("reason", end.reason())
                .put("startedAt", Metadata.timestamp(startedAt))
                .put("finishedAt", now());
        if (end.exitCode() > 128) {
            terminated.put("signal", end.exitCode() - 128);
        }
        if (!end.message().isEmpty()) {
            terminated.put("message", end.message());
        }
        boolean succeeded = end.exitCode() == 0 && podReason.isEmpty();
        ObjectNode status = Json.object().put("phase", succeeded ? "Succeeded" : "Failed");
        if (!podReason.isEmpty()) {
            status.put("reason", podReason).put("message", podMessage);
        }
        containerStatus(status, state, false);
        conditions(
                status,
                Map.of("Initialized", "True", "ContainersReady", "False", "Ready", "False"),
                succeeded ? "PodCompleted" : "PodFailed");
        write(status);
    }

    private void containerStatus(ObjectNode status, ObjectNode state, boolean runs) {
        ArrayNode statuses = status.putArray("containerStatuses");
        ObjectNode entry = statuses.addObject()
                .put("name", container.path("name").asText())
                .put("image", container.path("image").asText())
                .put("imageID", "")
                .put("ready", runs)
                .put("started", runs)
                .put("restartCount", 0);
        entry.set("state", state);
        entry.putObject("lastState");
    }

    private void conditions(ObjectNode status, Map<String, String> wanted, String reason) {
        ArrayNode conditions = status.putArray("conditions");
        resources
                .find(resources.types().builtin(BuiltinTypes.PODS), Metadata.namespace(pod), Metadata.name(pod))
                .ifPresent(stored -> stored.object()
                        .path("status")
                        .path("conditions")
                        .forEach(old -> {
                            if (!wanted.containsKey(old.path("type").asText())) {
                                conditions.add(old);
                            }
                        }));
        wanted.forEach((type, value) -> {
            ObjectNode condition = conditions
                    .addObject()
                    .put("type", type)
                    .put("status", value)
                    .put("lastTransitionTime", now());
            if (value.equals("False")) {
                condition.put("reason", reason);
            }
        });
    }

    private void write(ObjectNode status) {
        ObjectNode body = Json.object();
        // A later pod of the same name is another pod.
        Metadata.of(body).put("uid", Metadata.uid(pod));
        body.set("status", status);
        try {
            resources.patch(
                    resources.types().builtin(BuiltinTypes.PODS),
                    Metadata.namespace(pod),
                    Metadata.name(pod),
                    Part.STATUS,
                    new Patch.Merge(body),
                    WriteOptions.DEFAULT);
        } catch (ApiFailure e) {
            LOG.debug("The status of pod {} is not wanted any more: {}", Metadata.name(pod), e.getMessage());
        }
    }

    private String now() {
        return Metadata.timestamp(resources.clock().instant());
    }
}
