package build.kiln.builder.cache.lock;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Watches one lock and tells when its holder has not counted on for too long.
///
/// Only this process's own steady clock is asked, and only between two looks: the clocks of two hosts need not agree,
/// and the time for which this process itself was stopped counts as one look.
final class Observer {

    private final Duration patience;
    private final Duration longestGap;
    private final LongSupplier nanos;
    private @Nullable Sighting last;
    private long lastLook;
    private long quietNanos;

    Observer(Lease lease, LongSupplier nanos) {
        this.patience = lease.patience();
        this.longestGap = lease.longestGap();
        this.nanos = nanos;
    }

    /// Whether the lock's holder is not the one of the look before.
    boolean isNew(Sighting now) {
        return last == null || !last.folder().equals(now.folder());
    }

    /// Takes note of what is seen now.
    ///
    /// @return whether the holder has to be taken for dead
    boolean isQuietForTooLong(Sighting now) {
        long time = nanos.getAsLong();
        if (last == null || !last.folder().equals(now.folder()) || !last.beat().equals(now.beat())) {
            quietNanos = 0;
        } else {
            quietNanos += Math.min(time - lastLook, longestGap.toNanos());
        }
        last = now;
        lastLook = time;
        return quietNanos >= patience.toNanos();
    }
}
