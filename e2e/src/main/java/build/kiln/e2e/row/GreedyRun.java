package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.install.Installation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A RUN writes without end, on a volume of which half has to stay free, so that it need not be nearly full.
final class GreedyRun implements Row {

    private static final Duration AT_MOST = Duration.ofMinutes(5);

    @Override
    public String name() {
        return "attack-disk";
    }

    @Override
    public String claim() {
        return "A RUN that writes without end is stopped before the volume is full, and the next build has room";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Installation installation = stage.needInstallation();
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        installation.upgrade(Map.of("builder.cache.minFree", "999999Gi"));
        try {
            scene.build("greedy", Specs.inline("FROM {{base}}\nRUN dd if=/dev/zero of=/file bs=65536\n", 0));
            ImageBuild seen = expect(
                    scene,
                    "greedy",
                    Expectation.End.FAILED,
                    "DiskFull",
                    List.of("Dockerfile:2: RUN was stopped after", "have to stay free"));
            scene.build("next", Specs.inline("FROM {{base}}\nRUN echo small > /file\n", 0));
            expect(scene, "next", Expectation.End.SUCCEEDED, null, List.of());
            return Optional.ofNullable(Expectation.status(seen).isolation()).orElse("");
        } finally {
            installation.upgrade(Map.of());
        }
    }

    private static ImageBuild expect(
            Scene scene, String build, Expectation.End end, @Nullable String reason, List<String> message)
            throws InterruptedException {
        Expectation wanted = Expectation.of(end, reason, message, AT_MOST);
        ImageBuild seen = scene.await(build, AT_MOST, wanted::isReached);
        Differences differences = new Differences();
        wanted.compare(seen, differences);
        differences.throwIfAny(scene.describe(seen));
        return seen;
    }
}
