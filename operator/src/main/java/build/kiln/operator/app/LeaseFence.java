package build.kiln.operator.app;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/// Lets nobody write whose lease may be another's by now.
///
/// A process that was stopped for a while, be it by a debugger, a frozen machine or a starved processor, goes on in the
/// middle of
/// what it did, and its election notices only a moment later that the lease has run out. A request in that moment would
/// be written over what the successor does.
final class LeaseFence implements Interceptor {

    private final Duration renewedWithin;
    private final LongSupplier nanoTime;
    private final Runnable end;
    private volatile long sentAt;
    private volatile long renewedAt;
    private volatile boolean isHeld;

    /// @param renewedWithin a lease that was renewed so lately is nobody else's
    /// @param nanoTime a clock that goes on while the process stands still
    /// @param end ends the process
    LeaseFence(Duration renewedWithin, LongSupplier nanoTime, Runnable end) {
        this.renewedWithin = renewedWithin;
        this.nanoTime = nanoTime;
        this.end = end;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!isWrite(request)) {
            return;
        }
        if (isOfLease(request)) {
            // The election asks for one thing after the other.
            sentAt = nanoTime.getAsLong();
        } else if (isHeld && nanoTime.getAsLong() - renewedAt > renewedWithin.toNanos()) {
            end.run();
        }
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (isWrite(request) && isOfLease(request) && response.isSuccessful()) {
            // From when it was sent, because who judges the lease goes by a time from before.
            renewedAt = sentAt;
            isHeld = true;
        }
    }

    private static boolean isWrite(HttpRequest request) {
        return !request.method().equalsIgnoreCase("GET");
    }

    static boolean isOfLease(HttpRequest request) {
        return request.uri().getPath().contains("/leases");
    }
}
