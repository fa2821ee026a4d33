package build.kiln.builder.exchange;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What a registry keeps of a finished step: enough to find it and to use its layer, and nothing that differs between
/// two builds of the same source, such as how long it ran.
///
/// @param keys under which the step is found, in a fixed order
/// @param instruction as it was shown
/// @param contentBytes the uncompressed layer's size
/// @param epoch the time to which the layer's file times were clamped
/// @param recipe how the layer is packed
/// @param layer the compressed layer, which the same manifest lists
public record SharedStep(
        List<CacheKey> keys,
        String instruction,
        DiffId diffId,
        long contentBytes,
        Instant epoch,
        String recipe,
        Descriptor layer) {

    public SharedStep {
        keys = keys.stream()
                .distinct()
                .sorted(Comparator.comparing(CacheKey::toString))
                .toList();
    }

    /// The same knowledge in the form that the cache volume has.
    public StepRecord record() {
        return new StepRecord(
                instruction,
                diffId,
                contentBytes,
                Map.of(recipe, layer),
                epoch,
                Duration.ZERO,
                Map.of(),
                Maker.named(""));
    }
}
