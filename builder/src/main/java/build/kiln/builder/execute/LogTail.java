package build.kiln.builder.execute;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The last lines that a RUN has printed.
final class LogTail {

    private static final int LINES = 20;
    private static final int MAX_CHARACTERS = 400;

    private final Deque<String> lines = new ArrayDeque<>();

    void add(byte[] line) {
        String text = new String(line, StandardCharsets.UTF_8);
        StringBuilder safe = new StringBuilder();
        text.codePoints()
                .filter(c -> c == '\t' || !Character.isISOControl(c))
                .limit(MAX_CHARACTERS)
                .forEach(safe::appendCodePoint);
        lines.addLast(safe.toString());
        if (lines.size() > LINES) {
            lines.removeFirst();
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
