package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The lines of a file, read one after the other. Each keeps its line end.
final class SourceLines {

    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final List<String> lines;
    private int read;

    private SourceLines(List<String> lines) {
        this.lines = lines;
    }

    static SourceLines split(String file, byte[] text) {
        List<String> lines = new ArrayList<>();
        for (int start = 0; start < text.length; ) {
            int end = start;
            while (end < text.length && text[end] != '\n') {
                end++;
            }
            boolean ended = end < text.length;
            int next = ended ? end + 1 : end;
            String line = new String(text, start, next - start, StandardCharsets.UTF_8);
            if (next - start > (ended ? MAX_LINE_BYTES : MAX_LINE_BYTES - 1)) {
                throw new DockerfileFailure(
                        Reason.DockerfileInvalid,
                        file,
                        lines.size() + 1,
                        line.substring(0, 80) + "…",
                        "The line is " + (next - start) + " bytes long, and a line may have " + MAX_LINE_BYTES + ".",
                        "Divide it with continuations, or copy its text from a file.");
            }
            lines.add(lines.isEmpty() && line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line);
            start = next;
        }
        return new SourceLines(lines);
    }

    boolean hasNext() {
        return read < lines.size();
    }

    String next() {
        return lines.get(read++);
    }

    /// The number of the line that was read last, counted from 1.
    int number() {
        return read;
    }

    /// The line with this number, without its line end.
    String text(int number) {
        return withoutEnd(lines.get(number - 1));
    }

    static String withoutEnd(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }

    static boolean isComment(String line) {
        return WhiteSpace.stripLeading(line).startsWith("#");
    }
}
