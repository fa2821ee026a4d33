package build.kiln.operator.policy;

import java.time.Duration;

/// How long to wait before the next attempt: 10 s, doubled for each further one, 5 minutes at the most, and a fifth
/// more
/// or less so that what failed together does not come back together.
final class Backoff {

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private Backoff() {}

    /// @param retry counted from 0
    /// @param seed the same seed always gives the same delay
    static Duration delay(int retry, String seed) {
        Duration plain = FIRST.multipliedBy(1L << Math.min(retry, 5));
        long millis = plain.compareTo(LONGEST) > 0 ? LONGEST.toMillis() : plain.toMillis();
        // From -20 % to +20 %, in steps of 0.1 %.
        int jitter = Math.floorMod((seed + "/" + retry).hashCode() * 31, 401) - 200;
        return Duration.ofMillis(millis + millis * jitter / 1000);
    }
}
