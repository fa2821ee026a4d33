package build.kiln.operator.pod;

import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import java.time.Duration;
import java.util.Optional;

/// Settings and orders of builder pods for tests.
final class BuilderFixtures {

    static final CacheClaim CLAIM =
            new CacheClaim("kiln-cache", "50Gi", Optional.empty(), CacheClaim.AccessMode.READ_WRITE_ONCE);

    /// With a cache, and nothing else that is not the default.
    static final BuilderSettings SETTINGS = settings(Optional.of(CLAIM), RungSettings.DEFAULT);

    static final PodPart WHOLE = new PodPart.Whole("linux/amd64");

    private BuilderFixtures() {}

    static BuilderSettings settings(Optional<CacheClaim> claim, RungSettings rungs) {
        return settings(claim, CacheLimits.CHOSEN_BY_BUILDER, rungs);
    }

    static BuilderSettings settings(Optional<CacheClaim> claim, CacheLimits limits, RungSettings rungs) {
        return new BuilderSettings(
                "registry.example.com/kiln/builder:1",
                "IfNotPresent",
                claim,
                limits,
                "linux/amd64",
                rungs,
                PodDefaults.NONE,
                Duration.ofMinutes(10),
                "https://builders.example.com/kiln");
    }

    static PodOrder first(CacheUse.Reach reach) {
        return order(1, 0, 0, Duration.ofHours(1), reach);
    }

    static PodOrder order(long generation, int attempt, int first, Duration timeout, CacheUse.Reach reach) {
        return new PodOrder(
                WHOLE,
                generation,
                attempt,
                first,
                timeout,
                Duration.ofSeconds(30),
                Optional.empty(),
                Optional.of(new CacheUse("kiln-cache", reach)));
    }
}
