package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpTimeoutException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Sends a blob as the body of one request.
final class Sender {

    static final int PIECE_BYTES = 128 << 10;

    /// What a transfer has in memory: the piece that is filled, and the one that the wire has.
    private static final int HELD_BYTES = 2 * PIECE_BYTES;

    private static final int MOST_BYTES = 4 << 20;

    private final RegistrySettings settings;
    private final Transport transport;

    /// Bytes that all uploads may still take into memory, whichever registries they go to.
    private final Semaphore budget = new Semaphore(MOST_BYTES);

    Sender(RegistrySettings settings, Transport transport) {
        this.settings = settings;
        this.transport = transport;
    }

    /// Waits until one more upload may go there: for its host's turn, and then for its share of the memory.
    void enter(Place place) throws InterruptedException {
        place.endpoint().pushes.acquire();
        try {
            budget.acquire(HELD_BYTES);
        } catch (InterruptedException e) {
            place.endpoint().pushes.release();
            throw e;
        }
    }

    /// Says that an upload for which [#enter] was called is over.
    void leave(Place place) {
        budget.release(HELD_BYTES);
        place.endpoint().pushes.release();
    }

    /// @throws IOException if the wire breaks
    /// @throws UncheckedIOException if the source cannot be read, or is not as long as the blob
    Reply send(Errand errand, Place place, Call call, Descriptor blob, BlobSource source)
            throws IOException, InterruptedException {
        enter(place);
        try (InputStream in = opened(source)) {
            LiveBody body = new LiveBody(blob.sizeBytes(), settings.timeouts().idle());
            Call sending = call.sendingOnce(body).with("Content-Type", "application/octet-stream");
            CompletableFuture<Answer> answer = transport.start(errand, place, sending);
            answer.whenComplete((_, _) -> body.end());
            try {
                pump(errand, blob, in, body);
                return await(answer);
            } catch (IOException e) {
                return early(answer).orElseThrow(() -> e);
            } finally {
                body.abort();
                answer.cancel(true);
            }
        } finally {
            leave(place);
        }
    }

    private static InputStream opened(BlobSource source) {
        try {
            return source.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pump(Errand errand, Descriptor blob, InputStream in, LiveBody body)
            throws IOException, InterruptedException {
        long done = 0;
        while (done < blob.sizeBytes()) {
            byte[] piece = read(in, blob, done);
            body.write(piece, piece.length);
            done += piece.length;
            settings.listener().moved(new Transfer(Access.PUSH, errand.image(), blob, done));
        }
        body.finish();
    }

    private static byte[] read(InputStream in, Descriptor blob, long done) {
        try {
            byte[] piece = in.readNBytes((int) Math.min(PIECE_BYTES, blob.sizeBytes() - done));
            if (piece.length == 0) {
                throw new IOException("the source of " + blob.digest() + " ended after " + done + " of "
                        + blob.sizeBytes() + " bytes");
            }
            return piece;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the registry said before it had read everything; the better explanation of a broken connection.
    static Optional<Reply> early(CompletableFuture<Answer> answer) throws IOException {
        return answer.state() == CompletableFuture.State.SUCCESS
                ? Optional.of(answer.resultNow().whole())
                : Optional.empty();
    }

    /// Waits for the answer to a body that was sent to its end.
    Reply await(CompletableFuture<Answer> answer) throws IOException, InterruptedException {
        try (Answer got = answer.get(settings.timeouts().commit().toMillis(), TimeUnit.MILLISECONDS)) {
            return got.whole();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("request timed out");
        }
    }
}
