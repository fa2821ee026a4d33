package build.kiln.builder.failure;

import java.util.List;

/// A step of the build ran and did not end well.
public final class StepFailure extends BuildFailure {

    private final String step;
    private final int exitCode;
    private final List<String> logTail;

    /// @param step the step as the user knows it, for example `RUN make`
    /// @param exitCode the process's exit status; 128 plus the signal's number if a signal ended it; -1 if none
    /// @param logTail the last lines that the step printed
    public StepFailure(
            Reason reason, String place, String fact, String advice, String step, int exitCode, List<String> logTail) {
        super(reason, place, fact, advice, null);
        this.step = step;
        this.exitCode = exitCode;
        this.logTail = List.copyOf(logTail);
    }

    public String step() {
        return step;
    }

    public int exitCode() {
        return exitCode;
    }

    public List<String> logTail() {
        return logTail;
    }
}
