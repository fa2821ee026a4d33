package build.kiln.local.apiserver.storage;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.status.ApiFailure;
import java.time.Duration;
import java.util.List;

/// A reader of one resource's log of changes. For one thread; has nothing to close.
public final class Watch {

    private static final int AT_ONCE = 256;

    private final Store store;
    private final GroupResource resource;
    private long position;

    Watch(Store store, GroupResource resource, long position) {
        this.store = store;
        this.resource = resource;
        this.position = position;
    }

    /// The version up to which this reader has seen everything.
    public long position() {
        return position;
    }

    /// The next changes, or none if there were none for so long.
    ///
    /// @throws ApiFailure Expired, if the log has forgotten changes that this reader has not seen
    /// @throws InterruptedException also when the store was closed
    public List<Change> next(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        store.lock().lockInterruptibly();
        try {
            Shelf shelf = store.shelf(resource);
            while (true) {
                if (store.isClosed()) {
                    throw new InterruptedException("the store is closed");
                }
                if (position < shelf.forgotten()) {
                    throw ApiFailure.expired(position, shelf.forgotten());
                }
                List<Change> changes = shelf.after(position, AT_ONCE);
                if (!changes.isEmpty()) {
                    position = changes.getLast().resourceVersion();
                    return changes;
                }
                if (nanos <= 0) {
                    position = Math.max(position, store.version());
                    return changes;
                }
                nanos = shelf.changed.awaitNanos(nanos);
            }
        } finally {
            store.lock().unlock();
        }
    }
}
