package build.kiln.builder.execute;

import build.kiln.builder.sandbox.ExitStatus;
import build.kiln.builder.sandbox.MemoryUse;

/// What is said of a RUN that the kernel stopped because there was no memory left.
final class OutOfMemory {

    private static final int KILLED = 128 + 9;

    private OutOfMemory() {}

    /// @param took how long it ran, for people
    /// @param where the stage and the step, in brackets
    static String fact(ExitStatus status, String took, String where) {
        String what = status.code() == KILLED
                ? "RUN was killed after " + took
                : "RUN ended with exit status " + status.code() + " after " + took
                        + ", and one of its processes had been killed";
        return what + " " + where + " because the memory of the "
                + (status.memory().limitBytes().isPresent() ? "pod" : "machine") + " was used up"
                + seen(status.memory())
                + ".";
    }

    private static String seen(MemoryUse memory) {
        String limit = memory.limitBytes().isPresent()
                ? ": its limit is " + mebibytes(memory.limitBytes().getAsLong())
                : "";
        String peak = memory.peakBytes().isPresent()
                ? (limit.isEmpty() ? ": the build" : ", and it") + " had used up to "
                        + mebibytes(memory.peakBytes().getAsLong())
                : "";
        return limit + peak;
    }

    static String advice(MemoryUse memory) {
        return memory.limitBytes().isPresent()
                ? "Raise spec.pod.resources.limits.memory, let Kiln raise it (spec.retryWithMemory), or let the step use"
                        + " less."
                : "Request memory for the build (spec.pod.resources.requests.memory), or let the step use less.";
    }

    private static String mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20) + " MiB";
    }
}
