package build.kiln.operator.imagebuild;

import build.kiln.operator.queue.BuildKey;
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
final class QueueNotes {

    static final int AT_ONCE = 4;

    private final Consumer<BuildKey> wake;

    /// They write, or have been woken to.
    private final Set<BuildKey> writing = new HashSet<>();

    private final SequencedSet<BuildKey> later = new LinkedHashSet<>();

    /// @param wake is called without a lock; the build is then [looked at][#lookedAt]
    QueueNotes(Consumer<BuildKey> wake) {
        this.wake = wake;
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
