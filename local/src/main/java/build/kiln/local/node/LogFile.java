package build.kiln.local.node;

import build.kiln.local.apiserver.http.PodLogs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The output of one container, each line with its time: `2026-01-01T00:00:00.000000000Z stdout F text`, as container
/// runtimes write it. One thread writes, many read.
final class LogFile {

    private final Path path;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private long size;
    private boolean ended;

    LogFile(Path path, Clock clock) {
        this.path = path;
        this.clock = clock;
    }

    /// Takes in all output until it ends.
    void record(InputStream output) throws IOException {
        try (Writer writer = Files.newBufferedWriter(path);
                LineReader lines = new LineReader(output)) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                writer.write(clock.instant() + " stdout F " + line + "\n");
                if (!lines.hasMore()) {
                    writer.flush();
                    announce(false);
                }
            }
        } finally {
            announce(true);
        }
    }

    /// Ends a log that nobody will write to.
    void end() {
        announce(true);
    }

    private void announce(boolean last) {
        lock.lock();
        try {
            size = Files.exists(path) ? path.toFile().length() : 0;
            ended |= last;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The last lines, at most so many characters of them.
    String tail(int maxLines, int maxCharacters) throws IOException {
        Deque<String> last = new ArrayDeque<>();
        if (Files.exists(path)) {
            try (BufferedReader reader = Files.newBufferedReader(path)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    last.addLast(text(line));
                    if (last.size() > maxLines) {
                        last.removeFirst();
                    }
                }
            }
        }
        String all = String.join("\n", last);
        return all.length() <= maxCharacters ? all : all.substring(all.length() - maxCharacters);
    }

    void copy(PodLogs.Query query, OutputStream out) throws IOException, InterruptedException {
        LimitedOutput limited = new LimitedOutput(out, query.limitBytes());
        long skip = query.tailLines() < 0 ? 0 : Math.max(0, countWanted(query) - query.tailLines());
        try (GrowingReader reader = new GrowingReader(path)) {
            while (true) {
                long seen = sizeNow();
                for (String line = reader.next(); line != null; line = reader.next()) {
                    if (isWanted(line, query.since()) && skip-- <= 0) {
                        limited.write(query.lines() == PodLogs.Lines.PLAIN ? text(line) : timed(line));
                    }
                }
                if (limited.isFull()) {
                    return;
                }
                out.flush();
                if (query.end() == PodLogs.End.NOW || !awaitMore(seen)) {
                    return;
                }
            }
        }
    }

    private long countWanted(PodLogs.Query query) throws IOException {
        if (!Files.exists(path)) {
            return 0;
        }
        try (var lines = Files.lines(path)) {
            return lines.filter(line -> isWanted(line, query.since())).count();
        }
    }

    private long sizeNow() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /// @return false if the log has ended at the size that was seen
    private boolean awaitMore(long seen) throws InterruptedException {
        lock.lock();
        try {
            while (size == seen && !ended) {
                grown.await(10, TimeUnit.SECONDS);
            }
            return size != seen;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isWanted(String line, @Nullable Instant since) {
        return since == null
                || !Instant.parse(line.substring(0, line.indexOf(' '))).isBefore(since);
    }

    private static String text(String line) {
        return line.substring(line.indexOf(" F ") + 3);
    }

    private static String timed(String line) {
        return line.substring(0, line.indexOf(' ') + 1) + text(line);
    }

    /// Lines of a file that is being written; an unfinished one waits for its end.
    private static final class GrowingReader implements AutoCloseable {

        private final Path path;
        private final StringBuilder part = new StringBuilder();
        private @Nullable BufferedReader reader;

        GrowingReader(Path path) {
            this.path = path;
        }

        @Nullable
        String next() throws IOException {
            if (reader == null) {
                if (!Files.exists(path)) {
                    return null;
                }
                reader = Files.newBufferedReader(path);
            }
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                if (c == '\n') {
                    String line = part.toString();
                    part.setLength(0);
                    return line;
                }
                part.append((char) c);
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            if (reader != null) {
                reader.close();
            }
        }
    }

    private static final class LimitedOutput {

        private final OutputStream out;
        private long left;

        LimitedOutput(OutputStream out, long limit) {
            this.out = out;
            this.left = limit < 0 ? Long.MAX_VALUE : limit;
        }

        void write(String line) throws IOException {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            int length = (int) Math.min(bytes.length, left);
            out.write(bytes, 0, length);
            left -= length;
        }

        boolean isFull() {
            return left == 0;
        }
    }
}
