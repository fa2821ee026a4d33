package build.kiln.operator.policy;

import java.time.Duration;

/// How long to wait before the next attempt: the first delay, doubled for each further one, up to the longest; and a
/// fifth more or less, so that what failed together does not come back together.
public record Backoff(Duration first, Duration longest) {

    /// @param retry counted from 0
    /// @param seed the same seed always gives the same delay
    public Duration delay(int retry, String seed) {
        Duration plain = first.multipliedBy(1L << Math.min(retry, 16));
        long millis = plain.compareTo(longest) > 0 ? longest.toMillis() : plain.toMillis();
        // From -20 % to +20 %, in steps of 0.1 %.
        int jitter = Math.floorMod((seed + "/" + retry).hashCode() * 31, 401) - 200;
        return Duration.ofMillis(millis + millis * jitter / 1000);
    }
}
