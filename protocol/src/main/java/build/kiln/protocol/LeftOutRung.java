package build.kiln.protocol;

/// A rung that was not used, because it does not work here.
///
/// @param reason in whole sentences: what was tried, what came of it, what to change
public record LeftOutRung(Rung rung, String reason) {

    private static final int MAX_REASON = 400;

    public LeftOutRung {
        Wire.present(rung, "leftOut.rung");
        reason = Text.cut(Text.oneLine(Wire.required(reason, "leftOut.reason")), MAX_REASON);
    }
}
