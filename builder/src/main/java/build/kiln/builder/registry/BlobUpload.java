package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A blob that goes to a registry while it is still being made, so that neither its size nor its digest is known: one
/// PATCH of chunks.
///
/// Nothing of it is tried again, as the bytes that were sent are gone: a break is remembered, and [#finish] tells of
/// it.
/// For one thread; [#close] without [#finish] cancels the upload.
public final class BlobUpload implements AutoCloseable {

    private final RegistrySettings settings;
    private final Transport transport;
    private final Pusher pusher;
    private final Failures failures;
    private final ImageReference target;
    private final Errand errand;

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

    /// Sends bytes as they come, until they end. If the upload breaks, it returns earlier, and the rest is not read.
    ///
    /// @throws IOException if the bytes cannot be read
    public void send(InputStream bytes) throws IOException {
        while (broken == null && !finished) {
            byte[] piece = new byte[Sender.PIECE_BYTES];
            int count = bytes.read(piece);
            if (count < 0) {
                return;
            }
            send(piece, count);
        }
    }

    private void send(byte[] piece, int count) {
        attempt(() -> started().body().write(piece, count));
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /// Does the work, and gives the upload up if that breaks it.
    private void attempt(Work work) {
        try {
            work.run();
        } catch (RegistryFailure e) {
            giveUp(e);
        } catch (IOException e) {
            giveUp(explain(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            giveUp(Failures.interrupted(errand));
        }
    }

    private Sending started() throws IOException, InterruptedException {
        Sending known = sending;
        if (known == null) {
            known = start();
            sending = known;
        }
        return known;
    }

    private Sending start() throws IOException, InterruptedException {
        Place place = pusher.place(target);
        pusher.sender().enter(place);
        try {
            String location = pusher.sessionAtOnce(errand, place);
            LiveBody body = new LiveBody(-1, settings.timeouts().idle());
            Call call = Call.of(
                            "PATCH",
                            location,
                            place.pushing(),
                            settings.timeouts().answer())
                    .with("Content-Type", "application/octet-stream")
                    .sendingOnce(body);
            CompletableFuture<Answer> answer = transport.start(errand, place, call);
            answer.whenComplete((_, _) -> body.end());
            return new Sending(place, location, call, body, answer);
        } catch (IOException | RuntimeException | InterruptedException e) {
            pusher.sender().leave(place);
            throw e;
        }
    }

    /// Ends the upload. Blocks until the registry has confirmed the digest, or it is clear that it will not.
    ///
    /// @param blob what has been sent
    public UploadOutcome finish(Descriptor blob) {
        if (finished) {
            throw new IllegalStateException("the upload of " + blob.digest() + " is already over");
        }
        finished = true;
        if (broken == null) {
            attempt(() -> {
                Sending to = started();
                commit(to, blob);
                free(After.NOTHING);
            });
        }
        return broken == null ? new UploadOutcome.Stored() : new UploadOutcome.Broken(broken);
    }

    private void commit(Sending to, Descriptor blob) throws IOException, InterruptedException {
        to.body().finish();
        Reply patched = pusher.sender().await(to.answer());
        if (!patched.isSuccess()) {
            throw refused(to, patched);
        }
        String location = pusher.location(errand, to.place(), to.call(), patched);
        Call call = pusher.commit(to.place(), location, blob.digest());
        Reply reply = transport.call(errand, to.place(), call);
        if (reply.isSuccess()) {
            pusher.stored(errand, to.place(), blob, reply);
        } else if (reply.status() != 404 || !pusher.exists(errand, to.place(), blob.digest())) {
            // 404: an earlier attempt's answer was lost, but not its effect.
            throw failures.refused(errand, to.place(), call, reply);
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
        return pusher.refused(errand, to.place(), to.call(), reply);
    }

    private void giveUp(RegistryFailure why) {
        pusher.place(target).endpoint().breaksStreams = true;
        broken = why;
        free(After.CANCEL);
    }

    /// What becomes of the registry's part of the upload.
    private enum After {
        NOTHING,
        CANCEL
    }

    private void free(After after) {
        Sending to = sending;
        sending = null;
        if (to != null) {
            to.body().abort();
            to.answer().cancel(true);
            pusher.sender().leave(to.place());
            if (after == After.CANCEL) {
                Thread.ofVirtual().name("registry-cancel").start(() -> cancel(to));
            }
        }
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
        finished = true;
        free(After.CANCEL);
    }
}
