package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// A namespace whose ResourceQuota has no room for a pod, and then has.
final class QuotaRaised implements Row {

    @Override
    public String name() {
        return "quota";
    }

    @Override
    public String claim() {
        return "A build for which the namespace's quota has no room waits, does not fail, and goes on when there is"
                + " some";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.create(quota(0));
        scene.build("it", Specs.inline("FROM {{base}}\nRUN date >/made\n", 0));
        Expectation waits = Expectation.waiting(
                "QuotaExceeded", List.of("exceeded quota: few", "limited: pods=0"), Duration.ofMinutes(1));
        ImageBuild waiting = scene.need("it", waits.atMost(), "it waits for the quota", waits::isReached);
        Differences differences = new Differences();
        waits.compare(waiting, differences);
        differences.throwIfAny(scene.describe(waiting));
        stage.cluster().replace(scene.namespace(), quota(5));
        ImageBuild done = scene.need("it", Duration.ofMinutes(4), "the image is there", Interrupted::isOver);
        ImageBuildStatus status = Expectation.status(done);
        differences.equal(
                "The number of the attempt",
                Objects.requireNonNull(status.build()).attempt(),
                0);
        Images.check(scene, done, differences);
        differences.throwIfAny(scene.describe(done));
        return Objects.requireNonNullElse(status.isolation(), "");
    }

    private static JsonNode quota(int pods) {
        return Specs.yaml("""
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: few}
            spec: {hard: {pods: "%d"}}
            """.formatted(pods));
    }
}
