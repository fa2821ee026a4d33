package build.kiln.local.demo;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// Builds the example in a cluster, takes the image back, runs it, changes the source and does it again.
///
/// @param api of the cluster
/// @param registriesConf says where its registry is
/// @param work a folder for what is pulled
/// @param out for people
public record Demo(URI api, Path registriesConf, Path work, Clock clock, PrintStream out) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "hello";
    private static final String CHANGED_FILE = "main.sh";
    private static final String CHANGED_STEP = "COPY main.sh";
    private static final String BEFORE = "from Kiln!";
    private static final String AFTER = "from Kiln, built again!";

    /// What the demo came to.
    ///
    /// @param took the first build, from apply to success
    /// @param cached steps of the second build that came from the cache
    /// @param ran steps of the second build that ran
    public record Outcome(
            String image, String digest, String phase, Duration took, Duration rebuildTook, long cached, long ran) {

        /// As the one line of `--json`.
        public String json() {
            return JSON.createObjectNode()
                    .put("image", image)
                    .put("digest", digest)
                    .put("phase", phase)
                    .put("seconds", seconds(took))
                    .put("rebuildSeconds", seconds(rebuildTook))
                    .put("cachedSteps", cached)
                    .put("ranSteps", ran)
                    .toString();
        }
    }

    /// @param example the ImageBuild as YAML
    /// @throws DemoFailure if one thing is not as it should be
    public Outcome run(Path example) throws IOException, InterruptedException {
        JsonNode resource = new YAMLMapper().readTree(example.toFile());
        RegistrySettings settings = RegistrySettings.defaults(clock).withRegistriesConf(registriesConf);
        try (ApiClient client = new ApiClient(api);
                Registry registry = Registry.open(settings)) {
            BuildWatch watch = new BuildWatch(client, out);
            title("Build: apply examples/hello/imagebuild.yaml");
            FinishedBuild first = watch.build(NAME, resource);
            show(first);
            check(registry, first, "first", BEFORE);

            title("Build again: one line of " + CHANGED_FILE + " is another now");
            change(resource);
            FinishedBuild second = watch.build(NAME, resource);
            show(second);
            check(registry, second, "second", AFTER);
            checkReuse(first, second);
            return new Outcome(
                    second.image(),
                    second.digest(),
                    second.phase(),
                    first.took(),
                    second.took(),
                    second.count("cached"),
                    second.count("ran"));
        }
    }

    private void title(String text) {
        out.println();
        out.println("==> " + text);
        out.flush();
    }

    private void show(FinishedBuild build) {
        out.println();
        out.printf("  %-10s %s%n", "phase", build.phase());
        out.printf("  %-10s %s%n", "image", build.image());
        out.printf("  %-10s %s s%n", "took", seconds(build.took()));
        build.steps().forEach(step -> out.printf("  %-10s %s%n", step.outcome(), step.instruction()));
        out.flush();
    }

    private void check(Registry registry, FinishedBuild build, String name, String words)
            throws IOException, InterruptedException {
        title("Pull it back by its digest, and compute every digest anew");
        Path folder = Files.createDirectories(work.resolve(name));
        PulledFiles files = PulledFiles.pull(registry, ImageReference.parse(build.image()), folder, out);

        title("Run it, by crun");
        String container = "kiln-demo-" + name + "-" + ProcessHandle.current().pid();
        ImageRun.Outcome outcome = new ImageRun(files, folder).run(container);
        out.println("  " + outcome.output().strip());
        out.flush();
        if (outcome.exitCode() != 0 || !outcome.output().contains(words)) {
            throw new DemoFailure("The image was to say \"" + words + "\" and end with exit status 0. It ended with "
                    + outcome.exitCode() + " and said: " + outcome.output().strip());
        }
    }

    private static void change(JsonNode resource) {
        JsonNode files = resource.at("/spec/source/inline/files");
        String text = files.path(CHANGED_FILE).asText();
        if (!text.contains(BEFORE)) {
            throw new DemoFailure("The example's " + CHANGED_FILE + " does not say \"" + BEFORE + "\".");
        }
        ((ObjectNode) files).put(CHANGED_FILE, text.replace(BEFORE, AFTER));
    }

    /// The first time every step runs; the second time those before the changed file come from the cache, and the one
    /// that copies it and all after it run.
    private static void checkReuse(FinishedBuild first, FinishedBuild second) {
        if (first.count("cached") > 0) {
            throw new DemoFailure("The cache was empty, and " + first.count("cached") + " steps came from it.");
        }
        if (first.digest().equals(second.digest())) {
            throw new DemoFailure("The source was changed, and the image is the same: " + first.digest());
        }
        List<FinishedBuild.Step> steps = second.steps();
        int changed = second.indexOf(CHANGED_STEP);
        if (changed == 0) {
            throw new DemoFailure("There is no step before the changed file that could come from the cache.");
        }
        for (int i = 0; i < steps.size(); i++) {
            String expected = i < changed ? "cached" : "ran";
            if (!steps.get(i).outcome().equals(expected)) {
                throw new DemoFailure("The step \"" + steps.get(i).instruction() + "\" is told as \""
                        + steps.get(i).outcome() + "\" and should be \"" + expected + "\".");
            }
        }
    }

    private static double seconds(Duration duration) {
        return Math.round(duration.toMillis() / 10.0) / 100.0;
    }
}
