package build.kiln.protocol;

import org.jspecify.annotations.Nullable;

/// A step that is done.
///
/// @param instruction as the user wrote it, on one line, cut to [#MAX_INSTRUCTION] characters
/// @param sizeBytes of the compressed layer; 0 if the step made none
/// @param digest of the compressed layer; null if the step made none
/// @param missReason why the cache did not have it; null if it had, or if nobody knows
public record StepReport(
        String instruction,
        StepOutcome outcome,
        long durationMillis,
        long sizeBytes,
        @Nullable String digest,
        @Nullable String missReason) {

    public static final int MAX_INSTRUCTION = 120;
    private static final int MAX_MISS_REASON = 200;

    public StepReport {
        instruction = Text.cut(Text.oneLine(Wire.required(instruction, "instruction")), MAX_INSTRUCTION);
        Wire.present(outcome, "outcome");
        missReason = missReason == null ? null : Text.cut(Text.oneLine(missReason), MAX_MISS_REASON);
    }

    StepReport withoutMissReason() {
        return new StepReport(instruction, outcome, durationMillis, sizeBytes, digest, null);
    }

    StepReport withoutDigest() {
        return new StepReport(instruction, outcome, durationMillis, sizeBytes, null, missReason);
    }
}
