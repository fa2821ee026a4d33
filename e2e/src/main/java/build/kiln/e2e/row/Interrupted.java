package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import java.time.Duration;
import java.util.Objects;

/// The cluster, or somebody, takes a builder pod away in the middle: another one goes on from the last finished step.
final class Interrupted implements Row {

    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration END = Duration.ofMinutes(4);

    private final How how;

    /// In which way the pod goes.
    enum How {
        EVICTED,
        DELETED
    }

    Interrupted(How how) {
        this.how = how;
    }

    @Override
    public String name() {
        return switch (how) {
            case EVICTED -> "eviction";
            case DELETED -> "pod-deleted";
        };
    }

    @Override
    public String claim() {
        return switch (how) {
            case EVICTED -> "A build whose pod is evicted goes on from its last step in another one";
            case DELETED -> "A build whose pod somebody deletes goes on from its last step in another one";
        };
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.build("it", Specs.inline("""
            FROM {{base}}
            RUN cat /proc/sys/kernel/random/uuid >/id
            RUN sleep 12 && cp /id /copy
            """));
        ImageBuild working = scene.need("it", START, "the second RUN is at work", build -> isInSecondRun(build));
        String first = pod(working);
        switch (how) {
            case EVICTED -> stage.cluster().evict(scene.namespace(), first);
            case DELETED -> stage.cluster().deletePod(scene.namespace(), first);
        }
        ImageBuild done = scene.need("it", END, "the image is there", build -> isOver(build));
        ImageBuildStatus status = Expectation.status(done);
        Differences differences = new Differences();
        differences.holds(Expectation.isTrue(status, "Ready"), "The build has not succeeded.");
        differences.holds(!pod(done).equals(first), "The pod is still " + first + "; it should be another one.");
        differences.equal("The outcomes of the steps", Expectation.outcomes(status), "resumed ran");
        differences.throwIfAny(scene.describe(done));
        Images.check(scene, done, differences);
        differences.throwIfAny("");
        return Objects.requireNonNullElse(status.isolation(), "");
    }

    static boolean isInSecondRun(ImageBuild build) {
        ImageBuildStatus status = Expectation.status(build);
        return status.build() != null
                && status.build().current() != null
                && status.build().current().contains("sleep 12")
                && !status.steps().isEmpty();
    }

    static boolean isOver(ImageBuild build) {
        ImageBuildStatus status = Expectation.status(build);
        return Expectation.isTrue(status, "Ready") || Expectation.isTrue(status, "Stalled");
    }

    static String pod(ImageBuild build) {
        ImageBuildStatus status = Expectation.status(build);
        return status.build() == null ? "" : String.valueOf(status.build().pod());
    }
}
