package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.registry.PulledImage.ImageFile;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/// The same build in two namespaces at once: each runs its own steps. Again in one of them: nothing runs.
final class TwoNamespaces implements Row {

    private static final String ONE = "tenant-a";
    private static final String OTHER = "tenant-b";
    private static final Duration END = Duration.ofMinutes(4);
    private static final String DOCKERFILE = """
        FROM {{base}}
        RUN cat /proc/sys/kernel/random/uuid >/id && sleep 2
        """;

    @Override
    public String name() {
        return "two-namespaces";
    }

    @Override
    public String claim() {
        return "Builds of one namespace share steps, those of two share nothing";
    }

    @Override
    public Map<String, Map<String, String>> namespaces() {
        return Map.of(ONE, Map.of(), OTHER, Map.of());
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Scene one = Scene.in(stage, Stage.namespace(stage.run(), ONE));
        Scene other = Scene.in(stage, Stage.namespace(stage.run(), OTHER));
        one.build("it", Specs.inline(DOCKERFILE));
        other.build("it", Specs.inline(DOCKERFILE));
        ImageBuild first = one.need("it", END, "the image is there", Interrupted::isOver);
        ImageBuild second = other.need("it", END, "the image is there", Interrupted::isOver);
        Differences differences = new Differences();
        differences.equal("The outcomes in one", Expectation.outcomes(Expectation.status(first)), "ran");
        differences.equal("The outcomes in the other", Expectation.outcomes(Expectation.status(second)), "ran");
        differences.throwIfAny(one.describe(first) + "\n" + other.describe(second));
        differences.holds(
                !id(one, first).equals(id(other, second)),
                "Both images have the same random /id \"%s\": the namespaces share a step.".formatted(id(one, first)));
        one.build("again", Specs.inline(DOCKERFILE));
        ImageBuild again = one.need("again", END, "the image is there", Interrupted::isOver);
        differences.equal(
                "The outcomes of the second build", Expectation.outcomes(Expectation.status(again)), "cached");
        differences.throwIfAny(one.describe(again));
        differences.equal("The /id of the second build", id(one, again), id(one, first));
        differences.throwIfAny("");
        return Objects.requireNonNullElse(Expectation.status(first).isolation(), "");
    }

    private static String id(Scene scene, ImageBuild build) throws InterruptedException {
        ImageFile file = scene.pull(String.valueOf(Expectation.status(build).image()))
                .files()
                .get("/id");
        if (file == null) {
            throw new RowFailure("The image has no /id.");
        }
        return file.text().strip();
    }
}
