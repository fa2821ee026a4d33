package build.kiln.builder.registry;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A request's body that one thread writes while the JDK's client sends it; holds no more than the piece in hand.
///
/// A write waits until the client asks for the next piece, at the most as long as `idle`.
final class LiveBody implements HttpRequest.BodyPublisher, Flow.Subscription {

    private final long length;
    private final Duration idle;
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean ended;
    private boolean complete;
    private volatile Flow.@Nullable Subscriber<? super ByteBuffer> subscriber;

    /// @param length in bytes; -1 if it is not known, which makes it a chunked body
    LiveBody(long length, Duration idle) {
        this.length = length;
        this.idle = idle;
    }

    /// Sends a piece, which the caller must not touch any more.
    void write(byte[] bytes, int count) throws IOException, InterruptedException {
        if (!asked.tryAcquire(idle.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new HttpTimeoutException("it took no byte for " + Words.seconds(idle));
        }
        Flow.Subscriber<? super ByteBuffer> to = subscriber;
        if (ended || to == null) {
            throw new IOException("the connection was closed");
        }
        to.onNext(ByteBuffer.wrap(bytes, 0, count));
    }

    /// There is no further piece.
    void finish() {
        Flow.Subscriber<? super ByteBuffer> to = subscriber;
        if (!complete && to != null) {
            complete = true;
            to.onComplete();
        }
    }

    /// The request is over, whoever ended it; no write waits any longer.
    void end() {
        ended = true;
        asked.release();
    }

    /// Breaks the request off if it is not complete, so that the registry sees no regular end of the body.
    void abort() {
        ended = true;
        Flow.Subscriber<? super ByteBuffer> to = subscriber;
        if (!complete && to != null) {
            complete = true;
            to.onError(new IOException("the upload was given up"));
        }
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> to) {
        subscriber = to;
        to.onSubscribe(this);
    }

    @Override
    public void request(long count) {
        asked.release((int) Math.min(count, 1 << 16));
    }

    @Override
    public void cancel() {
        end();
    }
}
