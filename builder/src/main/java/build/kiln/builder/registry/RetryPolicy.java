package build.kiln.builder.registry;

import java.time.Duration;

/// How often a request is made, and how long to wait in between.
///
/// @param attempts of one request, the first included
/// @param firstDelay before the second attempt; doubled before each further one, and jittered
/// @param longestDelay of a back-off, and the longest `Retry-After` that is waited for
public record RetryPolicy(int attempts, Duration firstDelay, Duration longestDelay) {

    public static final RetryPolicy DEFAULT = new RetryPolicy(6, Duration.ofMillis(200), Duration.ofSeconds(60));

    public RetryPolicy {
        if (attempts < 1 || firstDelay.isNegative() || longestDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException("attempts " + attempts + ", first delay " + firstDelay
                    + ", longest delay " + longestDelay + " is no retry policy");
        }
    }
}
