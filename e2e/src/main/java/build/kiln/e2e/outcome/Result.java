package build.kiln.e2e.outcome;

import java.time.Duration;

/// What one row came to.
///
/// @param row its name
/// @param what the claim that it tries, one sentence
/// @param seen if the claim does not hold: what was seen, and what was expected
/// @param isolation the rung that builds of the row were isolated by; empty if none got that far
public record Result(String row, String what, Verdict verdict, Duration took, String isolation, String seen) {

    /// How it came out.
    public enum Verdict {
        HOLDS,
        FAILS,
        /// It could not be tried: `seen` says what is missing.
        LEFT_OUT
    }

    public boolean holds() {
        return verdict == Verdict.HOLDS;
    }
}
