package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import java.time.Duration;
import java.util.Objects;

/// The operator ends in the middle of a build and is started anew: the build runs on, and its end is noticed.
final class OperatorRestarted implements Row {

    @Override
    public String name() {
        return "operator-restart";
    }

    @Override
    public String claim() {
        return "A build runs on while the operator is killed and started anew";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        var installation = stage.needInstallation();
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.build("it", Specs.inline("""
            FROM {{base}}
            RUN cat /proc/sys/kernel/random/uuid >/id
            RUN sleep 12 && cp /id /copy
            """));
        ImageBuild working =
                scene.need("it", Duration.ofMinutes(3), "the second RUN is at work", Interrupted::isInSecondRun);
        installation.killOperator(stage.cluster());
        ImageBuild done = scene.need("it", Duration.ofMinutes(3), "the image is there", Interrupted::isOver);
        ImageBuildStatus status = Expectation.status(done);
        Differences differences = new Differences();
        differences.equal("The pod", Interrupted.pod(done), Interrupted.pod(working));
        differences.equal("The outcomes of the steps", Expectation.outcomes(status), "ran ran");
        differences.throwIfAny(scene.describe(done));
        Images.check(scene, done, differences);
        differences.throwIfAny("");
        return Objects.requireNonNullElse(status.isolation(), "");
    }
}
