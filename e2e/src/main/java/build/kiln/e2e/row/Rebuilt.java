package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import java.time.Duration;
import java.util.Objects;

/// The annotation that asks for a rebuild.
final class Rebuilt implements Row {

    private static final String ANNOTATION = "kiln.build/rebuild-requested-at";

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public String claim() {
        return "A rebuild that nothing calls for runs no step, and comes to the same digest";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.build("it", Specs.inline("""
            FROM {{base}}
            RUN date >/made
            """));
        ImageBuild first = scene.need("it", Duration.ofMinutes(3), "the image is there", Interrupted::isOver);
        stage.cluster().annotate(scene.namespace(), "it", ANNOTATION, "now");
        ImageBuild second = scene.need(
                "it",
                Duration.ofMinutes(3),
                "the rebuild has ended",
                build -> "now".equals(Expectation.status(build).rebuildRequestedAt()) && Interrupted.isOver(build));
        ImageBuildStatus status = Expectation.status(second);
        Differences differences = new Differences();
        differences.equal("The outcomes of the steps", Expectation.outcomes(status), "cached");
        differences.equal(
                "status.digest", status.digest(), Expectation.status(first).digest());
        differences.equal(
                "The number of entries of status.history", status.history().size(), 2);
        differences.throwIfAny(scene.describe(second));
        return Objects.requireNonNullElse(status.isolation(), "");
    }
}
