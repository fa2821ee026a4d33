package build.kiln.bench.faults;

import build.kiln.bench.operator.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A replica of the operator as a cluster keeps it: whenever its process ends, or says that it is broken, there is
/// another one after a pause, which grows while they end soon.
final class Replica implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// A process that ended sooner makes the pause longer.
    private static final Duration LONG_LIFE = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /// More would not be read.
    private static final int LIVES_TOLD = 4;

    private static final int LINES_TOLD = 6;
    private static final int LINE_LENGTH = 400;

    /// Starts a process.
    @FunctionalInterface
    interface Start {

        /// @param log where its lines go
        OperatorProcess process(Path log) throws IOException;
    }

    /// One process of the replica.
    static final class Life {
        private final OperatorProcess process;
        private final Path log;
        private final long startedAt = System.nanoTime();
        private volatile long endedAt;
        private volatile String end = "lives";
        private volatile boolean isKilled;

        private Life(OperatorProcess process, Path log) {
            this.process = process;
            this.log = log;
        }

        boolean isAlive() {
            return process.isAlive();
        }

        private Duration lasted() {
            return Duration.ofNanos((endedAt == 0 ? System.nanoTime() : endedAt) - startedAt);
        }
    }

    private final String name;
    private final Path folder;
    private final Start start;
    private final List<Life> lives = new CopyOnWriteArrayList<>();
    private final Thread keeper;

    private Replica(String name, Path folder, Start start) throws IOException {
        this.name = name;
        this.folder = folder;
        this.start = start;
        begin();
        this.keeper = Thread.ofVirtual().name(name).start(this::keep);
    }

    /// @param folder for what its processes say
    static Replica start(String name, Path folder, Start start) throws IOException {
        return new Replica(name, folder, start);
    }

    String name() {
        return name;
    }

    /// The process that runs, or ran last.
    Life life() {
        return lives.getLast();
    }

    /// Waits until the caches of a process are filled.
    void awaitReady() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!life().process.awaitReady()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("No process of " + name + " was ready within " + PATIENCE + ".\n" + story());
            }
            Thread.sleep(LOOK);
        }
    }

    /// Ends the process as a crash does; there is another one when this returns.
    void kill() throws InterruptedException {
        Life killed = life();
        killed.isKilled = true;
        killed.process.kill();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (life() == killed) {
            if (System.nanoTime() > end) {
                throw new AssertionError(name + " was not started again within " + PATIENCE + ".\n" + story());
            }
            Thread.sleep(LOOK);
        }
    }

    /// Lets the process stand still in the middle of what it does.
    void suspend() throws IOException, InterruptedException {
        life().process.suspend();
    }

    /// Lets a process that stood still go on.
    void resume(Life life) throws IOException, InterruptedException {
        life.process.resume();
    }

    /// How many processes ended without having been told to.
    long ownEnds() {
        return lives.stream().filter(life -> life.endedAt > 0 && !life.isKilled).count();
    }

    @Override
    public void close() {
        keeper.interrupt();
        try {
            keeper.join();
            life().process.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What became of its processes, and what the last of them said. Of one that lives, all threads are written down.
    String story() {
        StringBuilder story = new StringBuilder(
                "%s had %d processes, of which %d ended by themselves.\n".formatted(name, lives.size(), ownEnds()));
        for (Life life : lives.subList(Math.max(0, lives.size() - LIVES_TOLD), lives.size())) {
            story.append("- pid %d %s; it lasted %.1f s. Its last lines, of %s:\n"
                    .formatted(life.process.pid(), life.end, life.lasted().toMillis() / 1000.0, life.log));
            lastLines(life.log)
                    .forEach(line -> story.append("    ").append(line).append('\n'));
        }
        if (life().isAlive()) {
            story.append("  Its threads are in ").append(threads()).append('\n');
        }
        return story.toString();
    }

    private void begin() throws IOException {
        Path log = folder.resolve(name + "." + (lives.size() + 1) + ".log");
        lives.add(new Life(start.process(log), log));
    }

    private void keep() {
        Duration pause = Duration.ZERO;
        try {
            while (true) {
                Life life = life();
                watch(life);
                if (life.isKilled || life.lasted().compareTo(LONG_LIFE) > 0) {
                    pause = Duration.ZERO;
                }
                Thread.sleep(pause);
                pause = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
                begin();
            }
        } catch (InterruptedException e) {
            // It is not needed any more.
        } catch (IOException e) {
            LOG.error("No other process of {} could be started", name, e);
        }
    }

    /// Returns when the process has ended. One that says that it is broken is ended as its liveness probe has it done.
    private static void watch(Life life) throws InterruptedException {
        while (!life.process.awaitEnd(1, TimeUnit.SECONDS)) {
            if (life.process.isBroken()) {
                life.process.kill();
                life.end = "said that it was broken";
            }
        }
        life.endedAt = System.nanoTime();
        if (life.isKilled) {
            life.end = "was killed";
        } else if (life.end.equals("lives")) {
            life.end = "ended by itself";
        }
    }

    private static List<String> lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()).stream()
                    .map(line -> line.substring(0, Math.min(LINE_LENGTH, line.length())))
                    .toList();
        } catch (IOException e) {
            return List.of("They cannot be read: " + e);
        }
    }

    private String threads() {
        Path file = folder.resolve(name + ".threads");
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(life().process.pid()),
                            "Thread.print")
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
            if (!jcmd.waitFor(30, TimeUnit.SECONDS)) {
                jcmd.destroyForcibly();
            }
            return file.toString();
        } catch (IOException e) {
            return "no file: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "no file: nobody waited for them.";
        }
    }
}
