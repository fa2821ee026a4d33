package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;

/// What holds of every image that was built, whatever is in it.
final class Images {

    private Images() {}

    /// Compares the status of a build that has succeeded with the registry.
    static void check(Scene scene, ImageBuild build, Differences differences) throws InterruptedException {
        ImageBuildStatus status = Expectation.status(build);
        String digest = String.valueOf(status.digest());
        differences.holds(
                digest.matches("sha256:[0-9a-f]{64}"), "status.digest is \"%s\", which is none.".formatted(digest));
        String output = build.getSpec().output().image();
        String repository = output.substring(0, output.lastIndexOf(':'));
        differences.equal("status.image", status.image(), repository + "@" + digest);
        differences.holds(
                status.tags().contains(output),
                "status.tags is %s; it should have %s.".formatted(status.tags(), output));
        differences.holds(
                status.sizeBytes() != null && status.sizeBytes() > 0,
                "status.sizeBytes is %s; it should be more than 0.".formatted(status.sizeBytes()));
        differences.holds(
                status.build() != null && status.build().finishedAt() != null, "status.build.finishedAt is not there.");
        differences.equal(
                "The number of entries of status.history", status.history().size(), 1);
        if (output.startsWith(scene.registry() + "/")) {
            differences.equal("The digest that the tag leads to", scene.tagged(output), digest);
        }
    }
}
