package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.install.Installation;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The nodes cannot pull the builder's image.
final class BuilderImageMissing implements Row {

    private static final String TAG = "no-such-tag";

    @Override
    public String name() {
        return "builder-image";
    }

    @Override
    public String claim() {
        return "A builder image that no node can pull is said at once, in the node's words";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Installation installation = stage.needInstallation();
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        installation.upgrade(Map.of("builder.image.tag", TAG, "builder.image.digest", ""));
        try {
            scene.build("it", Specs.inline("FROM {{base}}\n"));
            Expectation expect = new Expectation(
                    Expectation.End.WAITING,
                    "BuilderImageUnavailable",
                    List.of(TAG),
                    null,
                    Map.of(),
                    List.of(),
                    null,
                    null,
                    Map.of(),
                    90);
            ImageBuild seen = scene.await("it", Duration.ofSeconds(90), expect::isReached);
            Differences differences = new Differences();
            expect.compare(seen, differences);
            differences.throwIfAny(scene.describe(seen));
        } finally {
            installation.upgrade(Map.of());
        }
        return "";
    }
}
