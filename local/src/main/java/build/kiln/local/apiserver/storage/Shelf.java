package build.kiln.local.apiserver.storage;

import build.kiln.local.apiserver.object.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;

/// The objects of one resource and its latest changes. Guarded by the store's lock.
final class Shelf {

    /// How many changes a watch may lie behind before it has to list again.
    private static final int REMEMBERED = 4096;

    final TreeMap<ObjectKey, Stored> objects = new TreeMap<>();
    final Condition changed;

    private final Deque<Change> log = new ArrayDeque<>();
    private long forgotten;

    Shelf(Condition changed) {
        this.changed = changed;
    }

    void record(Change change) {
        if (log.size() == REMEMBERED) {
            forgotten = log.removeFirst().resourceVersion();
        }
        log.addLast(change);
        changed.signalAll();
    }

    /// The version up to which changes are no longer known.
    long forgotten() {
        return forgotten;
    }

    /// At most `limit` changes after a version, the oldest first.
    List<Change> after(long version, int limit) {
        Deque<Change> wanted = new ArrayDeque<>();
        for (var newestFirst = log.descendingIterator(); newestFirst.hasNext(); ) {
            Change change = newestFirst.next();
            if (change.resourceVersion() <= version) {
                break;
            }
            wanted.addFirst(change);
        }
        return wanted.stream().limit(limit).collect(java.util.stream.Collectors.toCollection(ArrayList::new));
    }
}
