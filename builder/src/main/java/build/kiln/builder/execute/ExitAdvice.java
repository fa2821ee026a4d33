package build.kiln.builder.execute;

/// What an exit status tells about why a RUN failed, by the conventions of shells.
final class ExitAdvice {

    private static final String OUTPUT = "The last lines of its output say why.";

    private ExitAdvice() {}

    /// What to do, in whole sentences.
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
