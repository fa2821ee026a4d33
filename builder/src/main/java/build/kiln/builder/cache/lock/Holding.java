package build.kiln.builder.cache.lock;

import build.kiln.builder.linux.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lock that this process has, until it is closed: the directory `locks/<key>/<token>`.
///
/// What is published under the lock is staged in that directory and leaves it by a rename. A successor that takes the
/// holder for dead moves the directory away first. So a holder that was only slow finds it gone, and can publish
/// nothing
/// over its successor.
public final class Holding implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Holding.class);

    private final Path key;
    private final String token;
    private final Path folder;
    private final Path workspace;
    private final @Nullable OpenFile alive;
    private final Heartbeat heartbeat;
    private final AtomicLong beats = new AtomicLong();
    private final AtomicLong staged = new AtomicLong();
    private volatile boolean isLost;

    Holding(Path key, String token, Path workspace, @Nullable OpenFile alive, Heartbeat heartbeat) {
        this.key = key;
        this.token = token;
        this.folder = key.resolve(token);
        this.workspace = workspace;
        this.alive = alive;
        this.heartbeat = heartbeat;
        heartbeat.add(this);
    }

    static String count(long beats) {
        return String.format(Locale.ROOT, "%020d", beats);
    }

    /// Whether somebody is known to have taken this process for dead, and the lock away from it.
    public boolean isLost() {
        return isLost;
    }

    /// Puts a file with this content, synced, in place of whatever is at `target`; all of it or nothing.
    ///
    /// @param target on the same volume
    /// @return false if the lock is lost; then nothing has changed
    public boolean publish(byte[] content, Path target) throws IOException {
        Path file = folder.resolve("staged-" + staged.incrementAndGet());
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(false);
        } catch (NoSuchFileException e) {
            isLost = true;
            return false;
        }
        isLost = !Place.moveIfPresent(file, target);
        return !isLost;
    }

    /// Says that this process lives. By name, never by an open file: what somebody has moved away is not here any more.
    void beat() {
        byte[] next = count(beats.incrementAndGet()).getBytes(StandardCharsets.US_ASCII);
        try (FileChannel out = FileChannel.open(folder.resolve(Claim.BEAT), StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(next));
        } catch (NoSuchFileException e) {
            isLost = true;
        } catch (IOException e) {
            LOG.warn("The lock {} could not be renewed: {}", folder, e.toString());
        }
    }

    /// Gives the lock back.
    @Override
    public void close() {
        heartbeat.remove(this);
        Path away = workspace.resolve("unlocked-" + token);
        try {
            boolean isHere = Place.moveIfPresent(folder, away);
            closeAlive();
            if (isHere) {
                Locks.removeIfEmpty(key);
                Place.discard(away);
            }
        } catch (IOException e) {
            LOG.warn("The lock {} could not be given back, and ends with this process: {}", folder, e.toString());
            closeAlive();
        }
    }

    private void closeAlive() {
        if (alive != null) {
            try {
                alive.close();
            } catch (IOException e) {
                LOG.warn("The lock {} could not be closed: {}", folder, e.toString());
            }
        }
    }
}
