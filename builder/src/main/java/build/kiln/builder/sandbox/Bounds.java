package build.kiln.builder.sandbox;

import java.time.Duration;

/// What a process may use up before it is ended, with all that it has started.
///
/// @param time how long it may take
/// @param processes how many processes and threads there may be at once
/// @param guard looked at while the process runs
public record Bounds(Duration time, int processes, Guard guard) {

    /// More than builds have on machines with a hundred processors, and a quarter of what a small machine can have.
    public static final int USUAL_PROCESSES = 8192;

    /// With fewer hardly anything runs: the builder's own threads may be counted, too.
    public static final int FEWEST_PROCESSES = 512;

    /// Watches something that no limit of the kernel's bounds.
    public interface Guard {

        /// Asked many times a second, so it has to be cheap.
        ///
        /// @return whether the process has to be ended now
        boolean isOverrun();
    }

    /// The usual bounds, and this much time.
    public static Bounds of(Duration time) {
        return new Bounds(time, USUAL_PROCESSES, () -> false);
    }
}
