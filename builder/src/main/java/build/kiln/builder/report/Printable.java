package build.kiln.builder.report;

/// Text from elsewhere, made safe to show.
final class Printable {

    private Printable() {}

    /// One line without control characters, so that a RUN cannot steer the terminal.
    static String line(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .filter(c -> c == '\t' || !Character.isISOControl(c))
                .forEach(c -> safe.appendCodePoint(c == '\t' ? ' ' : c));
        return safe.toString();
    }
}
