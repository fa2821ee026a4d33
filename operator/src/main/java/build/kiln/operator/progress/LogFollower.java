package build.kiln.operator.progress;

import build.kiln.protocol.ProgressLine;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the logs of builder pods that run, one virtual thread a pod, and at most [#AT_ONCE] of them at the same
/// time:
/// each is a connection to the API server and one to a node. Who comes later waits until another pod has ended.
///
/// A log is always read from its first line, so after a restart or a broken connection the progress is the same.
public final class LogFollower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);

    /// Longer lines are a RUN's, and cut.
    private static final int MAX_LINE = 8192;

    private static final Duration KEPT = Duration.ofMinutes(10);

    static final int AT_ONCE = 100;

    /// So many builds that run are told of as often as they like; the more there are, the seldomer each of them.
    private static final int OFTEN = 20;

    private final Semaphore turns = new Semaphore(AT_ONCE, true);

    private final Map<PodKey, Following> followings = new ConcurrentHashMap<>();
    private final BuilderLogs logs;
    private final Duration interval;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param interval listeners are told at most once in it; with many pods at once seldomer, so that all of them
    ///     together make no more than some twenty writes in it
    public LogFollower(BuilderLogs logs, Duration interval) {
        this.logs = logs;
        this.interval = interval;
    }

    /// Makes sure that the pod's log is followed. Safe to repeat.
    ///
    /// @param onChange told after the progress has changed, on a thread of the follower
    /// @return whether it was not followed before
    public boolean follow(PodKey pod, Runnable onChange) {
        return !closed.get()
                && followings
                        .computeIfAbsent(pod, p -> new Following(p, onChange))
                        .start();
    }

    /// What the pod has said so far; nothing if nobody follows it.
    public Progress progress(PodKey pod) {
        Following following = followings.get(pod);
        return following == null ? Progress.NONE : following.progress;
    }

    public void forget(PodKey pod) {
        Following following = followings.remove(pod);
        if (following != null) {
            following.end();
        }
    }

    private Duration interval() {
        return interval.multipliedBy(Math.max(OFTEN, followings.size())).dividedBy(OFTEN);
    }

    int size() {
        return followings.size();
    }

    @Override
    public void close() {
        closed.set(true);
        followings.keySet().forEach(this::forget);
    }

    private final class Following {
        private final PodKey pod;
        private final Runnable onChange;
        private final AtomicBoolean started = new AtomicBoolean();
        private volatile Progress progress = Progress.NONE;
        private final AtomicBoolean isToBeTold = new AtomicBoolean();
        private volatile long toldAt;
        private volatile boolean ended;
        private volatile Optional<Thread> thread = Optional.empty();
        private volatile Optional<InputStream> open = Optional.empty();

        Following(PodKey pod, Runnable onChange) {
            this.pod = pod;
            this.onChange = onChange;
            // Of few, the first words are told at once. Of many, they come with whatever is told next.
            this.toldAt =
                    System.nanoTime() - (followings.size() < OFTEN ? interval().toNanos() : 0);
        }

        boolean start() {
            if (!started.compareAndSet(false, true)) {
                return false;
            }
            thread = Optional.of(Thread.ofVirtual()
                    .name("log of " + pod.namespace() + "/" + pod.name())
                    .start(this::run));
            return true;
        }

        void end() {
            ended = true;
            open.ifPresent(LogFollower::closeQuietly);
            thread.ifPresent(Thread::interrupt);
        }

        private void run() {
            Duration pause = Duration.ofMillis(200);
            while (!ended) {
                if (!readInTurn()) {
                    return;
                }
                // A log that has ended is that of a pod that has, and soon nobody wants it any more.
                if (ended || !sleep(pause) || !mayGoOn()) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(Duration.ofSeconds(15)) > 0
                        ? Duration.ofSeconds(15)
                        : pause.multipliedBy(2);
            }
        }

        /// @return false if nobody wants the log any more
        private boolean readInTurn() {
            try {
                turns.acquire();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            try (InputStream log = logs.follow(pod)) {
                open = Optional.of(log);
                read(log);
            } catch (IOException | UncheckedIOException e) {
                LOG.atDebug()
                        .addKeyValue("namespace", pod.namespace())
                        .addKeyValue("pod", pod.name())
                        .log("A log broke off: {}", e.getMessage());
            } finally {
                turns.release();
            }
            return true;
        }

        private boolean mayGoOn() {
            return switch (logs.life(pod)) {
                case ACTIVE -> true;
                case ENDED -> {
                    // Somebody will want to know how far it came, unless its ImageBuild is gone.
                    if (sleep(KEPT)) {
                        followings.remove(pod, this);
                    }
                    yield false;
                }
                case GONE -> {
                    followings.remove(pod, this);
                    yield false;
                }
            };
        }

        private void read(InputStream log) throws IOException {
            InputStream in = new BufferedInputStream(log);
            Progress seen = Progress.NONE;
            for (Optional<String> line = nextLine(in); line.isPresent() && !ended; line = nextLine(in)) {
                Optional<ProgressLine> event = ProgressLine.parse(line.get());
                if (event.isEmpty()) {
                    continue;
                }
                seen = seen.after(event.get());
                // What a broken connection makes us read again is no news.
                if (isNews(seen, progress)) {
                    progress = seen;
                    tell();
                }
            }
        }

        /// Tells the listener now, or as soon as it may be told again.
        private void tell() {
            if (isToBeTold.compareAndSet(false, true)) {
                Duration rest = interval().minusNanos(System.nanoTime() - toldAt);
                Thread.ofVirtual().start(() -> {
                    if (rest.isPositive() && !sleep(rest)) {
                        return;
                    }
                    toldAt = System.nanoTime();
                    isToBeTold.set(false);
                    onChange.run();
                });
            }
        }
    }

    private static boolean isNews(Progress seen, Progress known) {
        return seen.done().size() >= known.done().size() && !seen.equals(known);
    }

    /// The next line without its end, cut to [#MAX_LINE] bytes; empty at the end of the stream.
    private static Optional<String> nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int b = in.read();
        if (b < 0) {
            return Optional.empty();
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (line.size() < MAX_LINE) {
                line.write(b);
            }
        }
        return Optional.of(line.toString(StandardCharsets.UTF_8));
    }

    private static boolean sleep(Duration duration) {
        try {
            Thread.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("A log could not be closed: {}", e.getMessage());
        }
    }
}
