package build.kiln.operator.app;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/// Notices that a replica's election goes on no more.
///
/// Who waits for the lease asks for it every few seconds, and who has it renews it. An election that dies while it
/// waits, of a lease that somebody wrote by hand for example, tells nobody; and its replica would wait for ever. That
/// it asks no more is all that can be seen of it.
final class ElectionPulse implements Interceptor {

    /// An election asks every four seconds at the least, and an API server that does not answer is asked anew after
    /// ten.
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final AtomicBoolean isToldOf = new AtomicBoolean();
    private volatile OptionalLong askedAt = OptionalLong.empty();

    /// @param nanoTime a clock that goes on while the process stands still
    ElectionPulse(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (LeaseFence.isOfLease(request)) {
            askedAt = OptionalLong.of(nanoTime.getAsLong());
        }
    }

    /// Whether the election goes on, or there is none.
    boolean isThere() {
        OptionalLong last = askedAt;
        if (last.isEmpty()) {
            return true;
        }
        Duration silence = Duration.ofNanos(nanoTime.getAsLong() - last.getAsLong());
        boolean isThere = silence.compareTo(LONGEST_SILENCE) <= 0;
        if (isThere) {
            isToldOf.set(false);
        } else if (!isToldOf.getAndSet(true)) {
            LoggerFactory.getLogger(ElectionPulse.class)
                    .error(
                            "The election has not asked for the lease for {} s, and does so every few seconds as long as it goes on: this replica would never work. It is unhealthy from now on, so that it is started anew. Look at the Lease if that comes again: somebody may have written it who does not know its form",
                            silence.toSeconds());
        }
        return isThere;
    }
}
