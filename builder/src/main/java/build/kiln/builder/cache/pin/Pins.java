package build.kiln.builder.cache.pin;

import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this process uses of the volume: the file `pins/<id>`, on which it holds the kernel's lock as long as it lives.
///
/// The first line is the room that it still needs, in bytes; each other line names an entry, `layers/sha256/…`. It
/// writes
/// the file anew every few seconds, for processes on other hosts, which do not see the lock on every file system. The
/// file has its room from the start, so that a full volume does not keep an entry from being pinned.
public final class Pins implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pins.class);
    private static final Duration BEAT = Duration.ofSeconds(10);
    private static final int ROOM = 16 << 10;
    private static final int DIGITS = 20;

    private final Path home;
    private final String id;
    private final FileTime opened;
    private final Set<String> pinned = new HashSet<>();
    private final AtomicLong reserved = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final Thread heart;
    private Shown file;
    private boolean isClosed;
    private long end;

    private Pins(Path home, String id, Shown file, FileTime opened) {
        this.home = home;
        this.id = id;
        this.file = file;
        this.opened = opened;
        this.end = reservation(0).length();
        this.heart = Thread.ofPlatform().daemon().name("cache-pins").unstarted(this::beat);
    }

    /// The file, open twice: to write, and to hold the lock.
    private record Shown(FileChannel out, OpenFile alive) {

        static Shown of(Path home, String id, String content) throws IOException {
            Path aside = home.resolve("." + id);
            FileChannel out = FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            OpenFile alive = OpenFile.readWrite(NativePath.of(aside), 0600);
            Shown shown = new Shown(out, alive);
            try {
                alive.tryLock(Lock.EXCLUSIVE);
                shown.write((content + "\n".repeat(ROOM)).getBytes(StandardCharsets.UTF_8), 0);
                Files.move(aside, home.resolve(id));
                return shown;
            } catch (IOException e) {
                shown.close();
                Files.deleteIfExists(aside);
                throw e;
            }
        }

        void write(byte[] bytes, long position) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                position += out.write(buffer, position);
            }
        }

        void close() throws IOException {
            out.close();
            alive.close();
        }
    }

    /// @param home the directory of all pins
    public static Pins open(Path home) throws IOException {
        Files.createDirectories(home);
        String id = UUID.randomUUID().toString();
        Shown file = Shown.of(home, id, reservation(0));
        Pins pins = new Pins(home, id, file, Files.getLastModifiedTime(home.resolve(id)));
        pins.heart.start();
        return pins;
    }

    /// Says everything anew if somebody has taken this process for dead, as after it was frozen. What was lost by then,
    /// a
    /// build finds out when it uses it.
    public synchronized void showAgain() throws IOException {
        if (isClosed || Files.exists(home.resolve(id))) {
            return;
        }
        LOG.warn("This build was taken for dead, and says anew what it uses of the cache.");
        StringBuilder lines = new StringBuilder(reservation(0));
        pinned.forEach(entry -> lines.append(entry).append('\n'));
        Shown old = file;
        file = Shown.of(home, id, lines.toString());
        end = lines.toString().getBytes(StandardCharsets.UTF_8).length;
        old.close();
    }

    /// The name of this process among those that use the volume.
    public String id() {
        return id;
    }

    /// When this process began to use the volume, by the volume's own clock.
    public FileTime opened() {
        return opened;
    }

    /// Keeps this entry from being collected until the process ends. Returns when nobody can take it away any more:
    /// what
    /// is there then, stays.
    ///
    /// @param entry its path on the volume
    /// @return false if it was pinned before
    public synchronized boolean add(String entry) {
        if (!pinned.add(entry)) {
            return false;
        }
        byte[] line = (entry + "\n").getBytes(StandardCharsets.UTF_8);
        try (Gate gate = Gate.pass(home, Lock.SHARED)) {
            file.write(line, end);
            end += line.length;
        } catch (IOException e) {
            LOG.debug("{} could not be pinned: {}", entry, e.toString());
        }
        return true;
    }

    /// Says how much this process is going to write, in bytes.
    public void reserve(long bytes) {
        reserved.set(bytes);
        writeReserved();
    }

    /// Says that so much was written: room that is not reserved any more.
    public void wrote(long bytes) {
        written.addAndGet(bytes);
        writeReserved();
    }

    /// How much was written since the start, in bytes.
    public long written() {
        return written.get();
    }

    private synchronized void writeReserved() {
        try {
            file.write(reservation(Math.max(0, reserved.get() - written.get())).getBytes(StandardCharsets.US_ASCII), 0);
        } catch (IOException e) {
            LOG.debug("The room that this build needs could not be said: {}", e.toString());
        }
    }

    private static String reservation(long bytes) {
        String number = Long.toString(bytes);
        return "0".repeat(DIGITS - number.length()) + number + "\n";
    }

    private void again() {
        try {
            showAgain();
        } catch (IOException e) {
            LOG.debug("What this build uses could not be said anew: {}", e.toString());
        }
        writeReserved();
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(BEAT);
                again();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /// Gives everything back.
    @Override
    public synchronized void close() {
        heart.interrupt();
        isClosed = true;
        try {
            Files.deleteIfExists(home.resolve(id));
            file.close();
        } catch (IOException e) {
            LOG.debug("The pins could not be given back, and end with this process: {}", e.toString());
        }
    }
}
