package build.kiln.builder.sandbox;

import build.kiln.builder.sandbox.OutputSink.Stream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts what a process prints into lines, from both of its streams, and hands them on in the order in which they
/// come.
final class RunOutput {

    private static final byte LINE_FEED = '\n';

    /// It cannot end by the same signal as its child.
    private static final byte[] LAST_WORD_OF_UNSHARE =
            "unshare: sigprocmask unblock failed: Invalid argument".getBytes(StandardCharsets.US_ASCII);

    private final OutputSink sink;
    private boolean somethingSeen;
    private byte @Nullable [] heldBack;
    private @Nullable RuntimeException sinkFailure;

    RunOutput(OutputSink sink) {
        this.sink = sink;
    }

    /// Reads one stream until its end, on a thread of its own.
    Thread pump(Stream stream, InputStream in) {
        return Thread.ofPlatform()
                .daemon()
                .name("sandbox-" + (stream == Stream.OUT ? "stdout" : "stderr"))
                .start(() -> read(stream, in));
    }

    private void read(Stream stream, InputStream in) {
        byte[] buffer = new byte[OutputSink.MAX_LINE_BYTES];
        int filled = 0;
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer, filled, buffer.length - filled)) {
                filled = handOnLines(stream, buffer, filled, filled + count);
            }
        } catch (IOException e) {
            // The pipe broke because its process was killed: its end as any other.
        }
        if (filled > 0) {
            line(stream, Arrays.copyOf(buffer, filled));
        }
    }

    /// @param from where the bytes begin that are new
    /// @return how many bytes of an unfinished line now stand at the buffer's start
    private int handOnLines(Stream stream, byte[] buffer, int from, int end) {
        int start = 0;
        for (int i = from; i < end; i++) {
            if (buffer[i] == LINE_FEED) {
                line(stream, Arrays.copyOfRange(buffer, start, i));
                start = i + 1;
            }
        }
        if (start == 0 && end == buffer.length) {
            line(stream, Arrays.copyOf(buffer, end));
            return 0;
        }
        System.arraycopy(buffer, start, buffer, 0, end - start);
        return end - start;
    }

    private synchronized void line(Stream stream, byte[] line) {
        if (stream == Stream.ERROR && Arrays.equals(line, LAST_WORD_OF_UNSHARE)) {
            somethingSeen = true;
            release();
            heldBack = line;
            return;
        }
        if (!somethingSeen && stream == Stream.ERROR && StartError.looksLikeOne(line)) {
            somethingSeen = true;
            heldBack = line;
            return;
        }
        somethingSeen = true;
        release();
        handOn(stream, line);
    }

    /// crun says why a program cannot be started on the program's own stream. What may be that is kept until it
    /// is known whether it was.
    synchronized void release() {
        if (heldBack != null) {
            byte[] line = heldBack;
            heldBack = null;
            handOn(Stream.ERROR, line);
        }
    }

    /// What unshare says on the process's own stream when that was killed is nothing that it printed. As the last line
    /// of
    /// a process that ended by itself it is, and stays.
    synchronized void dropLastWordOfUnshare() {
        if (Arrays.equals(heldBack, LAST_WORD_OF_UNSHARE)) {
            heldBack = null;
        }
    }

    /// What is held back; empty if nothing is.
    synchronized String heldBack() {
        return heldBack == null ? "" : new String(heldBack, StandardCharsets.UTF_8);
    }

    /// Says something better instead of what was held back.
    synchronized void replaceHeldBack(String text) {
        heldBack = null;
        handOn(Stream.ERROR, text.getBytes(StandardCharsets.UTF_8));
    }

    private void handOn(Stream stream, byte[] line) {
        if (sinkFailure != null) {
            return;
        }
        try {
            sink.line(stream, line);
        } catch (RuntimeException e) {
            sinkFailure = e;
        }
    }

    /// @throws RuntimeException what the sink threw; the output after that is lost
    synchronized void throwSinkFailure() {
        if (sinkFailure != null) {
            throw sinkFailure;
        }
    }
}
