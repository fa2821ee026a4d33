package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.Platform;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Plans the builds of the conformance corpus, and compares config, history and number of layers with what BuildKit
/// made.
class PlanConformanceTest {

    private static final Path ROOT = Path.of("..", "..", "shared", "conformance");

    /// Failures that only show when steps run, files are read or sources fetched.
    private static final Pattern NOT_THE_PLANS = Pattern.compile("failed to compute cache key.*"
            + "|process .* did not complete successfully.*|digest mismatch.*"
            + "|failed to load cache key.*|illegal exclusion pattern.*|failed to read dockerfile.*"
            + "|secret .*: not found");

    /// Cases that stay different, each with its reason.
    private static final Map<String, String> OPEN = Map.of(
            "buildkit-MaintainBaseOSVersion-2",
            "a layer over a Windows base, whose form Kiln does not write: refused by name",
            "buildkit-PlatformWithOSVersion-3",
            "two manifests that differ by the version of Windows alone: this test's images have one manifest each");

    /// Needs to know what `.dockerignore` leaves out.
    private static final String OF_FILES = "CopyIgnoredFile";

    private final List<String> differences = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private int equal;
    private int failedAsExpected;

    @Test
    void configAndHistoryAreThoseOfBuildKit() throws IOException {
        assumeTrue(
                Files.isDirectory(ROOT),
                "BuildKit's images are not on this machine (looked for " + ROOT
                        + "); the project's own cases have run.");
        LayoutImages images = bases();
        try (Stream<Path> cases = Files.list(ROOT.resolve("cases"))) {
            for (Path folder : cases.sorted().toList()) {
                compare(folder, images);
            }
        }
        String report = equal + " images equal, " + failedAsExpected + " failures as expected, " + skipped.size()
                + " skipped, " + differences.size() + " different";
        List<String> lines = new ArrayList<>(List.of(report));
        lines.addAll(skipped);
        lines.addAll(refusals);
        lines.addAll(differences);
        Files.write(Path.of("target", "plan-conformance.txt"), lines);
        assertThat(differences).as(report).isEmpty();
        assertThat(equal).as(report).isGreaterThan(300);
    }

    @Test
    void warningsOfThePlanAreThoseOfBuildKit() throws IOException {
        assumeTrue(Files.isDirectory(ROOT), "BuildKit's warnings are not on this machine (looked for " + ROOT + ").");
        LayoutImages images = bases();
        Map<String, List<String>> seen = new TreeMap<>();
        Map<String, List<String>> wanted = new TreeMap<>();
        try (Stream<Path> cases = Files.list(ROOT.resolve("cases"))) {
            for (Path folder : cases.sorted().toList()) {
                JsonNode spec = Json.parse(Files.readAllBytes(folder.resolve("case.json")));
                Path expectedFile = folder.resolve("expected.json");
                if (spec.hasNonNull("call") || !spec.hasNonNull("dockerfile_copy") || !Files.exists(expectedFile)) {
                    continue;
                }
                JsonNode expected = Json.parse(Files.readAllBytes(expectedFile));
                if (!expected.path("result").asText().equals("success")) {
                    continue;
                }
                addImages(folder, spec, images);
                String name = folder.getFileName().toString();
                if (OPEN.containsKey(name)) {
                    continue;
                }
                wanted.put(name, warnings(expected));
                // Where there are several platforms, BuildKit tells the warnings of the first alone.
                JsonNode image = expected.path("images").path(0);
                String platform = spec.has("platform") ? image.path("platform").asText() : null;
                Plan plan =
                        plan(folder, spec, platform, image.path("os.version").asText(""), images, timesOf(image));
                TreeSet<String> all = new TreeSet<>();
                plan.warnings().forEach(one -> all.add(one.line() + " " + one.rule()));
                seen.put(name, List.copyOf(all));
            }
        }
        assertThat(seen).isEqualTo(wanted);
    }

    /// Rule and line of each.
    private static List<String> warnings(JsonNode expected) {
        TreeSet<String> all = new TreeSet<>();
        for (JsonNode warning : expected.path("warnings")) {
            String rule = warning.path("short").asText().replaceFirst(":.*", "");
            if (!rule.equals(OF_FILES)) {
                warning.path("ranges").forEach(range -> all.add(range.get(0).asInt() + " " + rule));
            }
        }
        return List.copyOf(all);
    }

    private static LayoutImages bases() throws IOException {
        LayoutImages images = new LayoutImages();
        JsonNode names = Json.parse(Files.readAllBytes(ROOT.resolve("images.json")));
        names.properties()
                .forEach(base -> base.getValue()
                        .forEach(name -> images.add(
                                "docker.io/" + name.asText(),
                                ROOT.resolve("bases").resolve(base.getKey() + ".tar"))));
        return images;
    }

    private void compare(Path folder, LayoutImages images) throws IOException {
        JsonNode spec = Json.parse(Files.readAllBytes(folder.resolve("case.json")));
        Path expectedFile = folder.resolve("expected.json");
        String name = folder.getFileName().toString();
        if (spec.hasNonNull("call") || !Files.exists(expectedFile)) {
            return;
        }
        if (OPEN.containsKey(name)) {
            skipped.add(name + ": " + OPEN.get(name));
            return;
        }
        if (!spec.hasNonNull("dockerfile_copy")) {
            skipped.add(name + ": its Dockerfile has to be fetched");
            return;
        }
        JsonNode expected = Json.parse(Files.readAllBytes(expectedFile));
        addImages(folder, spec, images);
        if (expected.path("result").asText().equals("success")) {
            for (JsonNode image : expected.path("images")) {
                compareImage(folder, spec, image, images);
            }
        } else {
            compareFailure(folder, spec, expected, images);
        }
    }

    private static void addImages(Path folder, JsonNode spec, LayoutImages images) {
        spec.path("images")
                .properties()
                .forEach(one ->
                        images.add(one.getKey(), folder.resolve(one.getValue().asText())));
        spec.path("named_contexts").forEach(context -> {
            if (context.path("type").asText().equals("oci-layout")) {
                String ref = context.path("ref").asText().replaceFirst("^oci-layout:(//)?", "");
                images.addStore(
                        ref.substring(0, ref.indexOf('@')),
                        folder.resolve(context.path("path").asText()));
            }
        });
    }

    private void compareImage(Path folder, JsonNode spec, JsonNode expected, LayoutImages images) {
        String name = folder.getFileName().toString();
        String platform = spec.has("platform") ? expected.path("platform").asText() : null;
        try {
            SourceTimes times = timesOf(expected);
            Plan plan = plan(folder, spec, platform, expected.path("os.version").asText(""), images, times);
            PlannedStage target = plan.target();
            ObjectNode planned = facts(target.image(), layers(target, plan));
            withoutTimesThatAreNotTold(planned.withArrayProperty("history"), expected.path("history"));
            String seen = planned.toPrettyString();
            String wanted = facts(expected).toPrettyString();
            if (seen.equals(wanted)) {
                equal++;
            } else {
                differences.add("=== " + name + "\n--- expected\n" + wanted + "\n--- planned\n" + seen);
            }
        } catch (BuildFailure e) {
            differences.add("=== " + name + " should be planned, but: " + e.getMessage());
        }
    }

    private void compareFailure(Path folder, JsonNode spec, JsonNode expected, LayoutImages images) {
        String name = folder.getFileName().toString();
        String error = expected.path("error_core").asText();
        if (NOT_THE_PLANS.matcher(error).matches()) {
            skipped.add(name + ": fails later: " + error);
            return;
        }
        try {
            plan(folder, spec, null, "", images, SourceTimes.unknown());
            differences.add("=== " + name + " should fail: " + error);
        } catch (BuildFailure e) {
            failedAsExpected++;
            refusals.add(name + "\n    BuildKit: " + error + "\n    Kiln:     " + e.getMessage());
        }
    }

    private static Plan plan(
            Path folder,
            JsonNode spec,
            @Nullable String platform,
            String osVersion,
            LayoutImages images,
            SourceTimes times) {
        Map<String, NamedContext> contexts = new TreeMap<>();
        Map<String, String> buildArgs = new HashMap<>(Json.strings(spec.path("build_args")));
        spec.path("attrs").properties().forEach(attr -> {
            if (attr.getKey().startsWith("context:")) {
                contexts.put(
                        attr.getKey().substring("context:".length()),
                        NamedContext.parse(attr.getValue().asText()));
            }
            if (attr.getKey().startsWith("build-arg:")) {
                buildArgs.put(
                        attr.getKey().substring("build-arg:".length()),
                        attr.getValue().asText());
            }
        });
        PlanRequest request = PlanRequest.builder(new Platform("linux", "amd64", null))
                .target(spec.path("target").asText(""))
                .buildArgs(buildArgs)
                .labels(Json.strings(spec.path("labels")))
                .platform(
                        platform == null
                                ? null
                                : Platform.parse(platform).withOsVersion(osVersion.isEmpty() ? null : osVersion))
                .contexts(contexts)
                .allowed(Set.of(PlanRequest.Entitlement.values()))
                .build();
        return Planner.plan(read(folder, spec), request, images, times, LintFacts.IgnoredPaths.NONE);
    }

    /// The golden times: what a commit or an archive says of itself is not the plan's to find out.
    private static SourceTimes timesOf(JsonNode expected) {
        String created = expected.path("created").asText("");
        Instant time = created.isEmpty() ? null : Instant.parse(created);
        return new SourceTimes() {
            @Override
            public @Nullable Instant ofContext() {
                return time;
            }

            @Override
            public @Nullable Instant ofNamedContext(String name) {
                return time;
            }

            @Override
            public @Nullable Instant ofRemote(Step.CopySource source) {
                return time;
            }
        };
    }

    /// A golden entry has a time only where an epoch makes it stable.
    private static void withoutTimesThatAreNotTold(ArrayNode planned, JsonNode expected) {
        for (int i = 0; i < planned.size(); i++) {
            if (!expected.path(i).has("created")) {
                ((ObjectNode) planned.get(i)).put("created", "");
            }
        }
    }

    private static Dockerfile read(Path folder, JsonNode spec) {
        try {
            Path file = folder.resolve(spec.path("dockerfile_copy").asText());
            return Dockerfile.parse("Dockerfile", Files.readAllBytes(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int layers(PlannedStage stage, Plan plan) {
        int below = switch (stage.base()) {
            case StageBase.Scratch() -> 0;
            case StageBase.Image(BaseImage image) -> image.layers().size();
            case StageBase.Stage(int index) -> layers(plan.stage(index), plan);
        };
        return below + stage.steps().size();
    }

    /// What is compared, in one form for both.
    private static ObjectNode facts(JsonNode expected) {
        return facts(
                expected.path("author").asText(""),
                expected.path("platform").asText(),
                expected.path("os.version").asText(""),
                expected.path("config"),
                expected.path("history"),
                expected.path("layer_count").asInt());
    }

    private static ObjectNode facts(ImageConfig image, int layers) {
        JsonNode json = Json.parse(image.toJson());
        return facts(
                json.path("author").asText(""),
                image.platform().withOsVersion(null).toString(),
                json.path("os.version").asText(""),
                json.path("config"),
                json.path("history"),
                layers);
    }

    private static ObjectNode facts(
            String author, String platform, String osVersion, JsonNode config, JsonNode history, int layers) {
        ObjectNode facts = Json.object();
        facts.put("author", author);
        facts.put("platform", platform);
        facts.put("os.version", osVersion);
        facts.put("layers", layers);
        Map<String, JsonNode> members = new TreeMap<>();
        config.properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (!value.isNull()
                    && !(value.isContainerNode() && value.isEmpty())
                    && !value.asText("x").isEmpty()) {
                members.put(member.getKey(), sorted(value));
            }
        });
        facts.putObject("config").setAll(members);
        ArrayNode entries = facts.putArray("history");
        history.forEach(one -> entries.addObject()
                .put("created_by", one.path("created_by").asText(""))
                .put("comment", one.path("comment").asText(""))
                .put("empty", one.path("empty_layer").asBoolean(false))
                .put("created", created(one)));
        return facts;
    }

    /// Only the entries of the build itself: whether a base's times are told differs by case.
    private static String created(JsonNode entry) {
        String created = entry.path("created").asText("");
        return created.isEmpty() || !entry.path("comment").asText("").startsWith("buildkit")
                ? ""
                : Instant.parse(created).toString();
    }

    private static JsonNode sorted(JsonNode value) {
        if (!value.isObject()) {
            return value;
        }
        Map<String, JsonNode> members = new TreeMap<>();
        value.properties().forEach(member -> members.put(member.getKey(), sorted(member.getValue())));
        return Json.object().setAll(members);
    }
}
