package build.kiln.builder.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Counts the attempts at one thing, and waits between them.
final class Attempts {

    private final RetryPolicy policy;
    private int made = 1;

    Attempts(RetryPolicy policy) {
        this.policy = policy;
    }

    /// Waits for the next attempt's turn: as long as the peer asked for, else an exponential back-off of which a random
    /// half is waited, so that many builders do not come back at the same moment.
    ///
    /// @param retryAfter what the peer asked for; zero if nothing
    /// @return false, at once, if there is no attempt left or the peer asked for more patience than the policy has
    boolean again(Duration retryAfter) throws InterruptedException {
        if (made >= policy.attempts() || retryAfter.compareTo(policy.longestDelay()) > 0) {
            return false;
        }
        long backOff = Math.min(
                policy.firstDelay().toMillis() << Math.min(made - 1, 20),
                policy.longestDelay().toMillis());
        long jittered = backOff - (long) (ThreadLocalRandom.current().nextDouble() * backOff / 2);
        Thread.sleep(Math.max(jittered, retryAfter.toMillis()));
        made++;
        return true;
    }

    boolean spent() {
        return made >= policy.attempts();
    }

    int made() {
        return made;
    }

    /// The last attempt brought the matter forward: the next ones count from the start again.
    void progressed() {
        made = 1;
    }

    /// `in 5 attempts`.
    String counted() {
        return made == 1 ? "in one attempt" : "in " + made + " attempts";
    }
}
