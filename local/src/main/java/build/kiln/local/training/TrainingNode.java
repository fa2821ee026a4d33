package build.kiln.local.training;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.Fault;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// A node without programs: each pod waits, then runs, then has ended with a report. Pods whose names begin with "bad"
/// report a failure.
final class TrainingNode {

    private static final String DIGEST = "sha256:" + "0".repeat(64);

    private final Resources resources;

    TrainingNode(Resources resources) {
        this.resources = resources;
    }

    /// Takes each pod one step further.
    void step() {
        OperatorTraining.objects(resources, "pods").toList().forEach(pod -> {
            switch (pod.path("status").path("phase").asText()) {
                case "Succeeded", "Failed" -> {}
                case "Running" -> end(pod);
                default -> run(pod);
            }
        });
    }

    private void run(JsonNode pod) {
        ObjectNode status = Json.object().put("phase", "Running");
        container(status).putObject("running").put("startedAt", now());
        write(pod, status);
    }

    private void end(JsonNode pod) {
        boolean isBad = name(pod).startsWith("bad");
        ObjectNode status = Json.object().put("phase", isBad ? "Failed" : "Succeeded");
        container(status)
                .putObject("terminated")
                .put("exitCode", isBad ? 1 : 0)
                .put("reason", isBad ? "Error" : "Completed")
                .put("startedAt", now())
                .put("finishedAt", now())
                .put("message", report(isBad).toTerminationMessage());
        write(pod, status);
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

    private static BuildReport report(boolean isBad) {
        BuildReport.Result result = isBad
                ? new BuildReport.Result.Failed(
                        "RunFailed", Fault.USER, "RUN ended with exit status 1.", "RUN false", 1, List.of("no"))
                : new BuildReport.Result.Succeeded(
                        "registry.example.com/training/good@" + DIGEST,
                        DIGEST,
                        1,
                        List.of("registry.example.com/training/good:1"));
        return BuildReport.of(
                result,
                "userns",
                null,
                List.of(),
                List.of(new StepReport("COPY a /", StepOutcome.RAN, 1, 1, DIGEST, null)),
                List.of());
    }

    private void write(JsonNode pod, ObjectNode status) {
        ObjectNode body = Json.object();
        body.set("status", status);
        resources.patch(
                resources.types().builtin(BuiltinTypes.PODS),
                "default",
                name(pod),
                Part.STATUS,
                new Patch.Merge(body),
                WriteOptions.DEFAULT);
    }

    private static String name(JsonNode pod) {
        return pod.path("metadata").path("name").asText();
    }

    private String now() {
        return Metadata.timestamp(resources.clock().instant());
    }
}
