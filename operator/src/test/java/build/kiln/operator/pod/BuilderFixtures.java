package build.kiln.operator.pod;

import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import java.util.Optional;

/// Settings of builder pods for tests.
final class BuilderFixtures {

    /// With a cache, and nothing else that is not the default.
    static final BuilderSettings SETTINGS = settings(Optional.of("kiln-cache"), RungSettings.DEFAULT);

    private BuilderFixtures() {}

    static BuilderSettings settings(Optional<String> cacheClaim, RungSettings rungs) {
        return settings(cacheClaim, CacheLimits.CHOSEN_BY_BUILDER, rungs);
    }

    static BuilderSettings settings(Optional<String> cacheClaim, CacheLimits limits, RungSettings rungs) {
        return new BuilderSettings(
                "registry.example.com/kiln/builder:1", "IfNotPresent", cacheClaim, limits, "linux/amd64", rungs);
    }
}
