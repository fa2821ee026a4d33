package build.kiln.builder.plan;

import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A plan as a text that people can read and compare.
final class PlanJson {

    private PlanJson() {}

    static String of(Plan plan) {
        ObjectNode node = Json.object();
        node.put("platform", plan.platform().toString());
        if (plan.epoch() != null) {
            node.put("epoch", plan.epoch().toString());
        }
        if (plan.hostname() != null) {
            node.put("hostname", plan.hostname());
        }
        ArrayNode images = node.putArray("baseImages");
        plan.baseImages().forEach(image -> images.add(image.name()));
        ArrayNode stages = node.putArray("stages");
        plan.stages().forEach(stage -> stages.add(stage(stage)));
        ArrayNode warnings = node.putArray("warnings");
        plan.warnings().forEach(one -> warnings.add(one.line() + " " + one.rule() + ": " + one.message()));
        return node.toPrettyString() + "\n";
    }

    private static ObjectNode stage(PlannedStage stage) {
        ObjectNode node = Json.object();
        node.put("stage", stage.index() + " " + stage.name() + " on " + stage.platform());
        node.put(
                "from",
                switch (stage.base()) {
                    case StageBase.Scratch() -> "scratch";
                    case StageBase.Image(BaseImage image) -> "image " + image.name();
                    case StageBase.Stage(int index) -> "stage " + index;
                });
        ArrayNode steps = node.putArray("steps");
        stage.steps().forEach(step -> steps.add(step(step)));
        ImageConfig image = stage.image();
        node.put("image", image.platform() + (image.author() == null ? "" : " by " + image.author()));
        node.set("config", Json.parse(image.toJson()).path("config"));
        ArrayNode history = node.putArray("history");
        image.history()
                .forEach(one -> history.add((one.emptyLayer() ? "-     " : "layer ")
                        + (one.created() == null ? "" : one.created() + " ")
                        + one.createdBy()
                        + (one.comment() == null ? "" : "  (" + one.comment() + ")")));
        return node;
    }

    private static ObjectNode step(Step step) {
        ObjectNode node = Json.object();
        Step.Label label = step.label();
        node.put("label", label + "  (line " + label.line() + ")");
        if (step.alwaysRuns()) {
            node.put("alwaysRuns", true);
        }
        JsonNode canonical = Json.parse(CanonicalStep.of(step));
        node.setAll((ObjectNode) canonical);
        node.remove("version");
        switch (step) {
            case Step.Run run -> {
                if (!run.uncachedEnv().isEmpty()) {
                    node.set("uncachedEnv", Json.of(run.uncachedEnv()));
                }
                ArrayNode from = node.putArray("mountsFrom");
                for (Step.Mount mount : run.mounts()) {
                    if (mount instanceof Step.Mount.Bind bind) {
                        from.add(source(bind.from()));
                    } else if (mount instanceof Step.Mount.Cache cache) {
                        from.add(source(cache.from()) + " " + cache.sharing());
                    }
                }
                if (from.isEmpty()) {
                    node.remove("mountsFrom");
                }
            }
            case Step.Copy copy -> {
                ArrayNode from = node.putArray("copiesFrom");
                for (Step.CopySource one : copy.sources()) {
                    if (one instanceof Step.CopySource.Files files) {
                        from.add(source(files.from()));
                    }
                }
            }
            case Step.Workdir workdir -> {}
        }
        return node;
    }

    private static String source(FileSource source) {
        return switch (source) {
            case FileSource.Context() -> "context";
            case FileSource.NamedContext(String name) -> "named context " + name;
            case FileSource.Stage(int index) -> "stage " + index;
            case FileSource.Image(BaseImage image) -> "image " + image.name();
            case FileSource.Empty() -> "nothing";
        };
    }
}
