package build.kiln.local.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A cluster as a process in the background. Its folder's lock says whether it lives; nobody else holds it.
public final class Daemon {

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(40);
    private static final int LAST_WORDS = 20;

    private final ClusterFolder folder;

    public Daemon(ClusterFolder folder) {
        this.folder = folder;
    }

    /// The cluster, if it works.
    public Optional<ClusterDescription> running() {
        return isAlive() ? ClusterDescription.read(folder) : Optional.empty();
    }

    /// Starts the cluster unless it works already, and returns when it does. Safe to call twice at once.
    ///
    /// @param command starts the process that calls [#serve]
    public ClusterDescription start(List<String> command) throws InterruptedException {
        Optional<ClusterDescription> running = running();
        if (running.isPresent()) {
            return running.get();
        }
        folder.create();
        Process process = launch(command);
        long end = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < end) {
            running = running();
            if (running.isPresent()) {
                return running.get();
            }
            if (!process.isAlive() && !isAlive()) {
                throw new ClusterFailure("The cluster did not start. Its last words:\n" + lastWords());
            }
            Thread.sleep(50);
        }
        process.destroy();
        throw new ClusterFailure(
                "The cluster did not start within " + START.toSeconds() + " s. Its last words:\n" + lastWords());
    }

    /// The process belongs to nobody's terminal, and lives on when this one ends.
    private Process launch(List<String> command) {
        List<String> detached = new ArrayList<>(List.of("setsid"));
        detached.addAll(command);
        try {
            return new ProcessBuilder(detached)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.log().toFile())
                    .start();
        } catch (IOException e) {
            throw new ClusterFailure("The cluster's process cannot be started: " + e.getMessage(), e);
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(folder.log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size()));
        } catch (IOException e) {
            return "(" + folder.log() + " cannot be read: " + e + ")";
        }
    }

    /// Runs the cluster in this process until it is told to end. Does nothing if one works in the folder already.
    public void serve(ClusterSettings settings) throws InterruptedException {
        folder.create();
        try (FileChannel channel =
                        FileChannel.open(folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = tryLock(channel)) {
            if (lock == null) {
                return;
            }
            channel.truncate(0);
            channel.write(StandardCharsets.US_ASCII.encode(
                    Long.toString(ProcessHandle.current().pid())));
            try (LocalCluster cluster = LocalCluster.start(settings)) {
                Thread main = Thread.currentThread();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    main.interrupt();
                    awaitEnd(main);
                }));
                Thread.sleep(Duration.ofDays(10_000));
            }
        } catch (IOException e) {
            throw new ClusterFailure(folder.lock() + " cannot be locked: " + e, e);
        }
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(STOP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private boolean isAlive() {
        if (!Files.exists(folder.lock())) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(folder.lock(), StandardOpenOption.WRITE);
                FileLock lock = tryLock(channel)) {
            return lock == null;
        } catch (IOException e) {
            throw new ClusterFailure(folder.lock() + " cannot be locked: " + e, e);
        }
    }

    /// Ends the cluster, if it works, and what ran in it.
    ///
    /// @return whether there was one
    public boolean stop() throws InterruptedException {
        if (!isAlive()) {
            return false;
        }
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            throw new ClusterFailure("Something holds " + folder.lock() + ", and is no cluster. Look for who it is:"
                    + " fuser " + folder.lock());
        }
        process.get().destroy();
        long end = System.nanoTime() + STOP.toNanos();
        while (isAlive() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        if (isAlive()) {
            process.get().destroyForcibly();
        }
        return true;
    }

    /// The process that holds the lock; it has written its id there.
    private Optional<ProcessHandle> process() {
        try {
            String id = Files.readString(folder.lock()).strip();
            return id.matches("[0-9]{1,10}") ? ProcessHandle.of(Long.parseLong(id)) : Optional.empty();
        } catch (IOException e) {
            throw new ClusterFailure(folder.lock() + " cannot be read: " + e, e);
        }
    }
}
