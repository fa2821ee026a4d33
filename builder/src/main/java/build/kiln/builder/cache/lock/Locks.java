package build.kiln.builder.cache.lock;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The locks of one volume. For any number of threads at once.
///
/// A lock is taken by moving a directory to `locks/<key>`, which every POSIX file system refuses while a directory with
/// something in it is there. It is freed when its holder gives it back, when the kernel says that the holder's process
/// is gone (if both are on one kernel), or when the holder has stopped counting (see [Lease]), as after the death of
/// its host. A lock that is taken away too early costs work that is done twice, never a wrong entry (see [Holding]).
public final class Locks {

    private static final Logger LOG = LoggerFactory.getLogger(Locks.class);
    private static final String GONE = "its process is gone";
    private static final Duration FIRST_LOOK = Duration.ofMillis(5);

    private final Path home;
    private final Path workspace;
    private final Holder me;
    private final Lease lease;
    private final LongSupplier nanos;
    private final Heartbeat heartbeat;
    private @Nullable Optional<String> trouble;

    /// @param home where the locks lie; made when it is first needed
    /// @param workspace a directory on the same file system
    public Locks(Path home, Path workspace, Holder me, Lease lease) {
        this(home, workspace, me, lease, System::nanoTime);
    }

    Locks(Path home, Path workspace, Holder me, Lease lease, LongSupplier nanos) {
        this.home = home;
        this.workspace = workspace;
        this.me = me;
        this.lease = lease;
        this.nanos = nanos;
        this.heartbeat = new Heartbeat(lease.beat());
    }

    /// The name under which others see this process.
    public Holder me() {
        return me;
    }

    /// Takes the lock, or waits until it can be taken or is not needed any more.
    ///
    /// @param key a file name
    public Turn take(String key, Waiter waiter) throws InterruptedException {
        Optional<String> none = trouble();
        if (none.isPresent()) {
            return new Turn.Unlocked(none.get());
        }
        try (Claim claim = Claim.prepare(workspace, me)) {
            return take(home.resolve(key), claim, waiter);
        } catch (IOException e) {
            return refused(e);
        }
    }

    /// Takes the lock if nobody has it now, or nobody who lives on this kernel.
    ///
    /// @return empty if somebody has it
    public Optional<Turn> tryTake(String key) {
        Optional<String> none = trouble();
        if (none.isPresent()) {
            return Optional.of(new Turn.Unlocked(none.get()));
        }
        Path place = home.resolve(key);
        try (Claim claim = Claim.prepare(workspace, me)) {
            while (true) {
                if (claim.show(place)) {
                    return Optional.of(new Turn.Mine(claim.holding(place, workspace, heartbeat)));
                }
                Optional<Sighting> other = Sighting.of(place);
                if (other.isPresent()) {
                    if (!other.get().isOfDeadProcess(me)) {
                        return Optional.empty();
                    }
                    remove(other.get(), GONE);
                }
            }
        } catch (IOException e) {
            return Optional.of(refused(e));
        }
    }

    private static Turn refused(IOException e) {
        return new Turn.Unlocked("The cache volume refused a lock: " + e.getMessage() + ".");
    }

    private Turn take(Path place, Claim claim, Waiter waiter) throws IOException, InterruptedException {
        Observer observer = new Observer(lease, nanos);
        Duration pause = FIRST_LOOK;
        HolderWatch watch = null;
        while (true) {
            if (claim.show(place)) {
                Holding mine = claim.holding(place, workspace, heartbeat);
                return served(mine, waiter) ? new Turn.Served() : new Turn.Mine(mine);
            }
            Optional<Sighting> other = Sighting.of(place);
            if (other.isEmpty()) {
                continue;
            }
            boolean isNew = observer.isNew(other.get());
            if (observer.isQuietForTooLong(other.get())) {
                remove(other.get(), "it has not been heard of for " + lease.patience());
                continue;
            }
            if (other.get().isOfDeadProcess(me)) {
                remove(other.get(), GONE);
                continue;
            }
            if (isNew) {
                if (waiter.isServed()) {
                    return new Turn.Served();
                }
                waiter.waitsFor(other.get().holder());
                watch = other.get().holder().isOnTheSameKernelAs(me) ? HolderWatch.start(other.get()) : null;
            }
            if (watch == null || !watch.await(lease.someGap())) {
                Thread.sleep(pause);
                pause = min(Duration.ofNanos(pause.toNanos() * 3 / 2), lease.look());
            }
            // Many may wait: it would take long if each took the lock to see that there is nothing to do.
            if (waiter.isServed()) {
                return new Turn.Served();
            }
        }
    }

    /// Asks once more now that nobody else can be at it, and gives the lock back if there is nothing to do.
    private static boolean served(Holding mine, Waiter waiter) {
        boolean served = true;
        try {
            served = waiter.isServed();
            return served;
        } finally {
            if (served) {
                mine.close();
            }
        }
    }

    private void remove(Sighting other, String why) throws IOException {
        LOG.info(
                "The lock {} of {} is taken away, because {}.",
                other.folder(),
                other.holder().name(),
                why);
        Path away = workspace.resolve("dead-" + UUID.randomUUID());
        if (Place.moveIfPresent(other.folder(), away)) {
            Place.discard(away);
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /// Why there can be no locks here; empty if there can.
    private synchronized Optional<String> trouble() {
        Optional<String> known = trouble;
        if (known == null) {
            known = probe();
            trouble = known;
        }
        return known;
    }

    /// Tries what everything rests on: that no directory takes the place of one with something in it.
    private Optional<String> probe() {
        Path folder = workspace.resolve("probe-" + UUID.randomUUID());
        try {
            Files.createDirectories(home);
            Files.createDirectories(folder.resolve("one/inner"));
            Files.createDirectories(folder.resolve("two/inner"));
            boolean replaced = Place.moveDirectory(folder.resolve("one"), folder.resolve("two"));
            boolean moves = Place.moveDirectory(folder.resolve("two"), folder.resolve("three"));
            Place.discard(folder);
            removeLeftovers();
            return replaced || !moves
                    ? Optional.of(
                            "The file system of the cache volume does not keep one directory from replacing another.")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of("The cache volume refused a trial of its locks: " + e.getMessage() + ".");
        }
    }

    /// Takes away what dead processes of this kernel have left. What is left by others goes when somebody waits for it.
    private void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> keys = Files.newDirectoryStream(home)) {
            for (Path key : keys) {
                Optional<Sighting> left = Sighting.of(key);
                if (left.isPresent() && left.get().isOfDeadProcess(me)) {
                    remove(left.get(), GONE);
                    removeIfEmpty(key);
                }
            }
        }
    }

    /// Removes the place of a lock that nobody has.
    static void removeIfEmpty(Path key) throws IOException {
        try {
            Files.deleteIfExists(key);
        } catch (DirectoryNotEmptyException e) {
            LOG.debug("The lock {} has its next holder already.", key);
        }
    }
}
