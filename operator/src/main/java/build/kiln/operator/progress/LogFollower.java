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
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the log of each builder pod that runs, one virtual thread a pod.
///
/// A log is always read from its first line, so after a restart or a broken connection the progress is the same.
public final class LogFollower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);

    /// Longer lines are a RUN's, and cut.
    private static final int MAX_LINE = 8192;

    private static final Duration KEPT = Duration.ofMinutes(10);

    private final Map<PodKey, Following> followings = new ConcurrentHashMap<>();
    private final BuilderLogs logs;
    private final Duration interval;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param interval listeners are told at most once in it
    public LogFollower(BuilderLogs logs, Duration interval) {
        this.logs = logs;
        this.interval = interval;
    }

    /// Makes sure that the pod's log is followed. Safe to repeat.
    ///
    /// @param onChange told after the progress has changed, on a thread of the follower
    public void follow(PodKey pod, Runnable onChange) {
        if (!closed.get()) {
            followings.computeIfAbsent(pod, p -> new Following(p, onChange)).start();
        }
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
        private volatile long toldAt = System.nanoTime() - interval.toNanos();
        private volatile boolean ended;
        private volatile Optional<Thread> thread = Optional.empty();
        private volatile Optional<InputStream> open = Optional.empty();

        Following(PodKey pod, Runnable onChange) {
            this.pod = pod;
            this.onChange = onChange;
        }

        void start() {
            if (started.compareAndSet(false, true)) {
                thread = Optional.of(Thread.ofVirtual()
                        .name("log of " + pod.namespace() + "/" + pod.name())
                        .start(this::run));
            }
        }

        void end() {
            ended = true;
            open.ifPresent(LogFollower::closeQuietly);
            thread.ifPresent(Thread::interrupt);
        }

        private void run() {
            Duration pause = Duration.ofMillis(200);
            while (!ended) {
                try (InputStream log = logs.follow(pod)) {
                    open = Optional.of(log);
                    read(log);
                } catch (IOException | UncheckedIOException e) {
                    LOG.debug("The log of {}/{} broke off: {}", pod.namespace(), pod.name(), e.getMessage());
                }
                if (ended || !mayGoOn() || !sleep(pause)) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(Duration.ofSeconds(15)) > 0
                        ? Duration.ofSeconds(15)
                        : pause.multipliedBy(2);
            }
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
                Duration rest = interval.minusNanos(System.nanoTime() - toldAt);
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
