package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A blob that goes to a registry while it is still being made, so that neither its size nor its digest is known.
///
/// Writing never fails for the registry's sake: whoever makes the blob usually writes it elsewhere too, and goes on. A
/// break is remembered, later bytes are dropped, and [#finish] tells. For one thread; [#close] without [#finish]
/// cancels
/// the upload.
public final class BlobUpload extends OutputStream {

    private final RegistrySettings settings;
    private final Transport transport;
    private final Pusher pusher;
    private final Failures failures;
    private final ImageReference target;
    private final Errand errand;

    private byte[] piece = new byte[Sender.PIECE_BYTES];
    private int filled;
    private @Nullable Sending sending;
    private @Nullable RegistryFailure broken;
    private boolean finished;

    private record Sending(Place place, String location, Call call, LiveBody body, CompletableFuture<Answer> answer) {}

    BlobUpload(
            RegistrySettings settings, Transport transport, Pusher pusher, Failures failures, ImageReference target) {
        this.settings = settings;
        this.transport = transport;
        this.pusher = pusher;
        this.failures = failures;
        this.target = target;
        this.errand = Errand.push(target);
    }

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        int done = 0;
        while (done < length && broken == null && !finished) {
            if (filled == piece.length) {
                sendPiece();
            }
            int count = Math.min(length - done, piece.length - filled);
            System.arraycopy(bytes, from + done, piece, filled, count);
            filled += count;
            done += count;
        }
    }

    /// Ends the upload. Blocks until the registry has confirmed the digest, or it is clear that it will not.
    ///
    /// @param blob what has been written
    public UploadOutcome finish(Descriptor blob) {
        if (finished) {
            throw new IllegalStateException("the upload of " + blob.digest() + " is already over");
        }
        finished = true;
        try {
            if (broken == null) {
                if (sending == null) {
                    pushWhole(blob);
                } else {
                    commit(sending, blob);
                }
            }
        } catch (RegistryFailure e) {
            broken = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            broken = Failures.interrupted(errand);
        } finally {
            free();
        }
        return broken == null ? new UploadOutcome.Stored() : new UploadOutcome.Broken(broken);
    }

    /// A blob that fits into one piece is sent when it is whole, and only if the registry does not have it.
    private void pushWhole(Descriptor blob) throws InterruptedException {
        byte[] all = piece;
        int size = filled;
        pusher.push(target, blob, List.of(), () -> new ByteArrayInputStream(all, 0, size));
    }

    private void sendPiece() {
        try {
            if (sending == null) {
                sending = start();
            }
            sending.body().write(piece, filled);
            piece = new byte[Sender.PIECE_BYTES];
            filled = 0;
        } catch (RegistryFailure e) {
            giveUp(e);
        } catch (IOException e) {
            giveUp(explain(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            giveUp(Failures.interrupted(errand));
        }
    }

    private Sending start() throws IOException, InterruptedException {
        Place place = pusher.place(target);
        String location = pusher.session(errand, place);
        LiveBody body = new LiveBody(-1, settings.timeouts().idle());
        Call call = Call.of(
                        "PATCH", location, place.pushing(), settings.timeouts().answer())
                .with("Content-Type", "application/octet-stream")
                .sendingOnce(body);
        CompletableFuture<Answer> answer = transport.start(errand, place, call);
        answer.whenComplete((_, _) -> body.end());
        return new Sending(place, location, call, body, answer);
    }

    private void commit(Sending to, Descriptor blob) throws InterruptedException {
        if (filled > 0) {
            sendPiece();
        }
        if (broken != null) {
            return;
        }
        try {
            to.body().finish();
            Reply patched = pusher.sender().await(to.answer());
            if (!patched.isSuccess()) {
                broken = refused(to, patched);
                return;
            }
            String location = pusher.location(errand, to.place(), to.call(), patched);
            Call call = pusher.commit(to.place(), location, blob.digest());
            Reply reply = transport.call(errand, to.place(), call);
            if (reply.isSuccess()) {
                pusher.stored(errand, to.place(), blob, reply);
            } else if (reply.status() != 404 || !pusher.exists(errand, to.place(), blob.digest())) {
                // 404: an earlier attempt's answer was lost, but not its effect.
                broken = failures.refused(errand, to.place(), call, reply);
            }
        } catch (IOException e) {
            broken = explain(e);
        }
    }

    private RegistryFailure explain(IOException e) {
        Sending to = sending;
        if (to == null) {
            return failures.unreachable(errand, target.registry(), e, new Attempts(settings.retry()));
        }
        try {
            Reply early = Sender.early(to.answer()).orElse(null);
            if (early != null) {
                return refused(to, early);
            }
        } catch (IOException unread) {
            e.addSuppressed(unread);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Failures.interrupted(errand);
        }
        return failures.unreachable(errand, to.place().endpoint().host, e, new Attempts(settings.retry()));
    }

    private RegistryFailure refused(Sending to, Reply reply) throws InterruptedException {
        return Reply.worthAnotherTry(reply.status())
                ? failures.unavailable(
                        errand,
                        to.place(),
                        to.call().described(),
                        reply,
                        new Attempts(settings.retry()),
                        java.time.Duration.ZERO)
                : failures.refused(errand, to.place(), to.call(), reply);
    }

    private void giveUp(RegistryFailure why) {
        broken = why;
        free();
    }

    private void cancel(Sending to) {
        try {
            pusher.cancel(errand, to.place(), to.location());
        } catch (InterruptedException | RegistryFailure e) {
            // The registry drops uploads that nobody goes on with.
        }
    }

    /// Cancels the upload if it is not finished.
    @Override
    public void close() {
        Sending to = finished ? null : sending;
        finished = true;
        free();
        if (to != null) {
            Thread.ofVirtual().name("registry-cancel").start(() -> cancel(to));
        }
    }

    private void free() {
        piece = new byte[0];
        filled = 0;
        Sending to = sending;
        sending = null;
        if (to != null) {
            to.body().abort();
            to.answer().cancel(true);
        }
    }
}
