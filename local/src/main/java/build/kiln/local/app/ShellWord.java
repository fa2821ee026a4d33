package build.kiln.local.app;

/// Text as one word of a shell command.
final class ShellWord {

    private ShellWord() {}

    static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./:@%+=,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
