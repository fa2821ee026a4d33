package build.kiln.builder.cache;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.cache.pin.Gate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the volume takes: what the last collection has counted, and what was added since.
///
/// Everybody adds what he writes when it is written, so that builds count that are killed. The file is changed under
/// the kernel's lock; on a volume without locks it may be too small by what two builds add in one instant.
public final class CountedBytes {

    private static final Logger LOG = LoggerFactory.getLogger(CountedBytes.class);
    private static final int DIGITS = 20;

    private final Path file;

    CountedBytes(Path root) {
        this.file = root.resolve("usage");
    }

    /// Begins to count on an empty volume, unless somebody has begun already.
    void begin() throws IOException {
        try {
            Files.write(file, text(0), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            LOG.trace("{} is counted in already.", file);
        }
    }

    /// In bytes; -1 if nobody has counted.
    public long known() {
        try {
            return Long.parseLong(new String(BoundedFile.read(file, DIGITS), StandardCharsets.US_ASCII));
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /// Counts what was written.
    void add(long bytes) {
        try (Gate gate = Gate.alone(file)) {
            long before = known();
            if (before >= 0) {
                write(before + bytes);
            }
        } catch (IOException e) {
            LOG.debug("What the volume takes cannot be written down: {}", e.toString());
        }
    }

    /// Everything was counted anew. What others have added meanwhile is added to it: too much, if it was counted, too,
    /// until the next time.
    ///
    /// @param before what was known when the counting began
    /// @param bytes that the volume takes
    public void counted(long before, long bytes) {
        try (Gate gate = Gate.alone(file)) {
            write(bytes + (before < 0 ? 0 : Math.max(0, known() - before)));
        } catch (IOException e) {
            LOG.debug("What the volume takes cannot be written down: {}", e.toString());
        }
    }

    private void write(long bytes) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(text(bytes)), 0);
        }
    }

    /// Always as long, so that it is replaced as a whole.
    private static byte[] text(long bytes) {
        return String.format(Locale.ROOT, "%0" + DIGITS + "d", bytes).getBytes(StandardCharsets.US_ASCII);
    }
}
