package build.kiln.builder.sandbox;

import java.time.Duration;

/// How a process ended.
///
/// @param code its exit status; 128 and the signal's number if a signal ended it; 126 if its program cannot be
///     executed, 127 if there is none: why has then been said as a line of its error output
/// @param duration from the start of the sandbox to its end
/// @param memory of the pod, where that ran out
public record ExitStatus(int code, Ending ending, Duration duration, MemoryUse memory) {

    ExitStatus(int code, Ending ending, Duration duration) {
        this(code, ending, duration, MemoryUse.UNKNOWN);
    }

    /// What ended a process.
    public enum Ending {
        /// It ended by itself, or by a signal of its own making.
        EXITED,
        /// It could not start.
        NOT_STARTED,
        /// It outlived its time limit and was killed, with all its children.
        TIMED_OUT,
        /// It did not end well, and the kernel killed it or one of its children because the pod's memory was used up.
        OUT_OF_MEMORY,
        /// It had more processes than its [Bounds] allow, and was killed with all of them.
        TOO_MANY_PROCESSES,
        /// The guard of its [Bounds] ended it.
        OVERRUN
    }

    public boolean succeeded() {
        return code == 0 && ending == Ending.EXITED;
    }
}
