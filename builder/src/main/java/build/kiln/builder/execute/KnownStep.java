package build.kiln.builder.execute;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.exchange.SharedStep;
import build.kiln.builder.oci.Descriptor;
import java.util.List;

/// A finished step as another build would find it again.
///
/// @param quick the key that needs no file of other stages or images to be read
/// @param keys all that are known, that one among them
/// @param origin who says so
/// @param isInImage whether its layer is the image's
public record KnownStep(
        CacheKey quick, List<CacheKey> keys, StepRecord record, LayerRef.Made layer, Origin origin, boolean isInImage) {

    /// Who says what the step made.
    enum Origin {
        /// This build or the cache volume.
        VOLUME,
        /// A cache in a registry. It counts for builds that name it, and nothing of it becomes a record of the volume.
        REGISTRY
    }

    public KnownStep {
        keys = List.copyOf(keys);
    }

    SharedStep shared(List<CacheKey> under, String recipe, Descriptor blob) {
        return new SharedStep(
                under, record.instruction(), record.diffId(), record.contentBytes(), record.epoch(), recipe, blob);
    }
}
