package build.kiln.builder.execute;

import build.kiln.builder.oci.Digest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a piece of work ended well.
///
/// @param sizeBytes of the layer that it made, compressed if that form exists; 0 for none
/// @param digest of the layer: the blob's if it exists, else the DiffID's; null if it made none
/// @param missReason why the step had to run although there is a cache; empty if it did not, or nobody knows
public record StepResult(
        Outcome outcome,
        Duration took,
        long sizeBytes,
        @Nullable Digest digest,
        String missReason) {

    /// Where a step's result came from.
    public enum Outcome {
        /// It ran in this build.
        RAN,
        /// It was in the cache.
        CACHED,
        /// Another live build made it meanwhile.
        SHARED,
        /// An earlier attempt of this build had finished it.
        RESUMED
    }

    StepResult withMissReason(String reason) {
        return new StepResult(outcome, took, sizeBytes, digest, reason);
    }

    /// Work that made no layer.
    public static StepResult ran(Duration took) {
        return new StepResult(Outcome.RAN, took, 0, null, "");
    }
}
