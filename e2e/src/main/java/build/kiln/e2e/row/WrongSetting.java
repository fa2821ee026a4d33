package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.install.Installation;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The release is upgraded to a setting that cannot work, and back: the build says at once what is wrong.
///
/// @param changes values of the chart, by path
/// @param reason of the condition `Reconciling`
/// @param words that its message has to contain
record WrongSetting(String name, String claim, Map<String, String> changes, String reason, List<String> words)
        implements Row {

    private static final Duration AT_ONCE = Duration.ofSeconds(90);

    static WrongSetting builderImage() {
        return new WrongSetting(
                "builder-image",
                "A builder image that no node can pull is said at once, in the node's words",
                Map.of("builder.image.tag", "no-such-tag", "builder.image.digest", ""),
                "BuilderImageUnavailable",
                List.of("no-such-tag"));
    }

    static WrongSetting storageClass() {
        return new WrongSetting(
                "storage-class",
                "A cache claim that stays pending is said at once, in the cluster's words, with the setting to look at",
                Map.of("builder.cache.storageClass", "no-such-class"),
                "VolumeUnavailable",
                List.of("no-such-class", "builder.cache"));
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Installation installation = stage.needInstallation();
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name));
        installation.upgrade(changes);
        try {
            scene.build("it", Specs.inline("FROM {{base}}\n"));
            Expectation expect = Expectation.waiting(reason, words, AT_ONCE);
            ImageBuild seen = scene.await("it", AT_ONCE, expect::isReached);
            Differences differences = new Differences();
            expect.compare(seen, differences);
            differences.throwIfAny(scene.describe(seen));
        } finally {
            installation.upgrade(Map.of());
        }
        return "";
    }
}
