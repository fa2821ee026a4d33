package build.kiln.builder.cache.lock;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How life is told from death where the kernel cannot tell: the holder counts on, and whoever waits watches the count.
///
/// @param beat how often a holder counts
/// @param patience how long a waiter sees the same count until it takes the holder for dead
/// @param look how often a waiter looks at the most
public record Lease(Duration beat, Duration patience, Duration look) {

    /// Ten beats may be lost on the way, to a server that restarts or a pod that gets no processor.
    public static final Lease DEFAULT =
            new Lease(Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofMillis(250));

    /// The longest time between two looks that counts as seen.
    Duration longestGap() {
        return look.plus(look); // a product would be worked out with decimals, of which a start knows nothing yet
    }

    /// How long a waiter leaves it at that who is told when the lock is free: half the longest gap and up to all of it.
    /// Many begin to wait at the same moment, and would disturb each other whenever they look.
    Duration someGap() {
        return look.plusNanos(ThreadLocalRandom.current().nextLong(look.toNanos()));
    }
}
