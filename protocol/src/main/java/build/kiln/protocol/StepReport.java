package build.kiln.protocol;

import org.jspecify.annotations.Nullable;

/// A step that is done.
///
/// @param instruction as the user wrote it, on one line, cut to [#MAX_INSTRUCTION] characters
/// @param startMillis from the builder's start until the step's; null if nobody noted it
/// @param sizeBytes of the compressed layer; 0 if the step made none
/// @param digest of the compressed layer; null if the step made none
/// @param missReason why the cache did not have it; null if it had, or if nobody knows
public record StepReport(
        String instruction,
        StepOutcome outcome,
        @Nullable Long startMillis,
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

    /// A step of which nobody noted when it began.
    public StepReport(
            String instruction,
            StepOutcome outcome,
            long durationMillis,
            long sizeBytes,
            @Nullable String digest,
            @Nullable String missReason) {
        this(instruction, outcome, null, durationMillis, sizeBytes, digest, missReason);
    }

    /// The same step, with the time of its start.
    public StepReport startedAfter(long millis) {
        return new StepReport(instruction, outcome, millis, durationMillis, sizeBytes, digest, missReason);
    }

    StepReport withoutStart() {
        return new StepReport(instruction, outcome, null, durationMillis, sizeBytes, digest, missReason);
    }

    StepReport withoutMissReason() {
        return new StepReport(instruction, outcome, startMillis, durationMillis, sizeBytes, digest, null);
    }

    StepReport withoutDigest() {
        return new StepReport(instruction, outcome, startMillis, durationMillis, sizeBytes, null, missReason);
    }
}
