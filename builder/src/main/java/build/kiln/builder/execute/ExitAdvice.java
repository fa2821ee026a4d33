package build.kiln.builder.execute;

import java.util.List;
import java.util.regex.Pattern;

/// What an exit status tells about why a RUN failed, by the conventions of shells.
final class ExitAdvice {

    private static final String OUTPUT = "The last lines of its output say why.";

    /// What to do about too many processes.
    static final String PROCESSES =
            "Let the step start fewer at once (make -j), or allow more (--pids-limit; in a cluster the"
                    + " operator's KILN_BUILDER_PIDS_LIMIT).";

    /// What programs say that were given no further process or thread.
    private static final Pattern NO_PROCESS = Pattern.compile(
            "(?i)(fork|clone|thread).*(resource temporarily unavailable|resource limits reached|errno=11)"
                    + "|can(no|')t (fork|start new thread)");

    private ExitAdvice() {}

    /// What to do, in whole sentences.
    ///
    /// @param output the last lines that were printed
    /// @param processes how many there may be at once
    static String of(int status, List<String> output, int processes) {
        return output.stream().anyMatch(line -> NO_PROCESS.matcher(line).find())
                ? "A program was given no further process or thread; there may be " + processes + " at once. "
                        + PROCESSES
                : of(status);
    }

    /// As [#of(int, List, int)], where the output is not known.
    static String of(int status) {
        return switch (status) {
            case 126 ->
                "The shell found a program that it cannot execute. Look at its mode (chmod +x), at its first line, and"
                        + " whether it is for this kind of machine.";
            case 127 ->
                "The shell did not find a program. Install it in an earlier RUN, or correct its name or PATH: the last"
                        + " lines of the output name it.";
            case 134 -> "A program ended itself (signal 6, SIGABRT). " + OUTPUT;
            case 136 -> "A program divided by zero or the like (signal 8, SIGFPE). " + OUTPUT;
            case 137 ->
                "A process was killed (signal 9, SIGKILL), by another process or for want of memory that this builder"
                        + " could not see. " + OUTPUT;
            case 139 -> "A program crashed (signal 11, SIGSEGV). Another version of it, or of its libraries, may not.";
            case 141 ->
                "A program wrote to a pipe that nobody read any more (signal 13, SIGPIPE), which counts where the shell"
                        + " has pipefail set.";
            case 143 -> "A process was told to end (signal 15, SIGTERM). " + OUTPUT;
            default -> OUTPUT;
        };
    }
}
