package build.kiln.local.node;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Cuts a program's output into lines; very long ones are cut as container runtimes cut them.
final class LineReader implements AutoCloseable {

    private static final int LONGEST = 16 * 1024;

    private final InputStream in;

    LineReader(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /// The next line without its end; null after the last.
    @Nullable
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            line.write(c);
            if (line.size() == LONGEST) {
                break;
            }
            c = in.read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// Whether more can be read without waiting.
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
