package build.kiln.bench.stub;

import java.time.Duration;

/// What becomes of a pod once it runs.
///
/// @param run how long it runs
public record Plan(Duration run, End end) {

    /// How a pod ends.
    public enum End {
        /// With an image.
        SUCCEEDED,
        /// With a RUN that failed: the user's fault.
        RUN_FAILED,
        /// Without a report, because its node is taken out of service: to be tried again.
        DISRUPTED
    }
}
