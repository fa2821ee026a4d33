package build.kiln.operator.imagebuild;

import build.kiln.operator.queue.BuildKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Consumer;

/// Who may write down that it waits for its turn: a few builds at a time, in the order in which they came.
///
/// Thousands that are applied at once all have that to say. Were each of them to say it at once, what happens to builds
/// that run would stand behind all of them. One whose turn comes first never says it.
///
/// And who may write down that its place is another one: so many in a while. The more wait, the older are the places.
final class QueueNotes {

    static final int AT_ONCE = 4;

    /// So many places may be written at once after a quiet time, and one more after each pause.
    static final int PLACES = 20;

    static final Duration PAUSE = Duration.ofMillis(500);

    private final Consumer<BuildKey> wake;

    /// They write, or have been woken to.
    private final Set<BuildKey> writing = new HashSet<>();

    private final SequencedSet<BuildKey> later = new LinkedHashSet<>();

    private final InstantSource clock;

    /// The time up to which places have been given away: each takes one [#PAUSE] of it.
    private Instant placesUntil = Instant.EPOCH;

    /// @param wake is called without a lock; the build is then [looked at][#lookedAt]
    QueueNotes(InstantSource clock, Consumer<BuildKey> wake) {
        this.clock = clock;
        this.wake = wake;
    }

    /// Whether a build that has said that it waits may write its new place now. If not, it tries when it looks again.
    synchronized boolean mayWritePlace() {
        Instant now = clock.instant();
        Instant longQuiet = now.minus(PAUSE.multipliedBy(PLACES));
        Instant next = (placesUntil.isBefore(longQuiet) ? longQuiet : placesUntil).plus(PAUSE);
        if (next.isAfter(now)) {
            return false;
        }
        placesUntil = next;
        return true;
    }

    /// Whether the build may write now. If not, it is woken when it may.
    synchronized boolean mayWrite(BuildKey build) {
        if (writing.contains(build) || writing.size() < AT_ONCE) {
            later.remove(build);
            writing.add(build);
            return true;
        }
        later.add(build);
        return false;
    }

    /// The look at a build is over, whatever came of it.
    void lookedAt(BuildKey build) {
        next(build).ifPresent(wake);
    }

    /// An ImageBuild is gone.
    void gone(BuildKey build) {
        synchronized (this) {
            later.remove(build);
        }
        lookedAt(build);
    }

    private synchronized Optional<BuildKey> next(BuildKey build) {
        if (!writing.remove(build) || later.isEmpty()) {
            return Optional.empty();
        }
        BuildKey next = later.removeFirst();
        writing.add(next);
        return Optional.of(next);
    }
}
