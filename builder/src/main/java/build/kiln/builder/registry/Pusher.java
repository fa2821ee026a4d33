package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Writes blobs and manifests to registries.
///
/// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push">distribution-spec 1.1.1,
/// Push</a>
final class Pusher {

    static final int PIECE_BYTES = 128 << 10;
    private static final int MOST_MOUNTS = 3;

    private final RegistrySettings settings;
    private final Places places;
    private final Transport transport;
    private final Failures failures;

    /// `host/repository@digest` of blobs that are known to be there.
    private final Set<String> present = ConcurrentHashMap.newKeySet();

    Pusher(RegistrySettings settings, Places places, Transport transport, Failures failures) {
        this.settings = settings;
        this.places = places;
        this.transport = transport;
        this.failures = failures;
    }

    Place place(ImageReference target) {
        return places.toPush(target);
    }

    /// Opens an upload and cancels it: whoever may do that may push.
    void check(ImageReference target) throws InterruptedException {
        Errand errand = Errand.push(target);
        Place place = place(target);
        cancel(errand, place, session(errand, place));
    }

    boolean exists(Errand errand, Place place, Digest blob) throws InterruptedException {
        String key = key(place, blob);
        if (present.contains(key)) {
            return true;
        }
        Scope scope = errand.access() == Access.PUSH ? place.pushing() : place.pulling();
        Call call =
                place.call("HEAD", "blobs/" + blob, scope, settings.timeouts().answer());
        Reply reply = transport.call(errand, place, call);
        if (reply.isSuccess()) {
            present.add(key);
            return true;
        }
        if (reply.status() == 404) {
            return false;
        }
        throw failures.refused(errand, place, call, reply);
    }

    private static String key(Place place, Digest blob) {
        return place.endpoint().host + "/" + place.repository() + "@" + blob;
    }

    void push(ImageReference target, Descriptor blob, List<ImageReference> knownIn, BlobSource source)
            throws InterruptedException {
        Errand errand = Errand.push(target);
        Place place = place(target);
        Attempts attempts = transport.attempts(place);
        Optional<String> session = Optional.empty();
        boolean first = true;
        while (true) {
            if (exists(errand, place, blob.digest())) {
                return;
            }
            if (first) {
                first = false;
                Mounted mounted = mount(errand, place, blob, knownIn);
                if (mounted.done()) {
                    return;
                }
                session = mounted.session();
            }
            String location = session.isPresent() ? session.get() : session(errand, place);
            session = Optional.empty();
            Call call = commit(place, location, blob.digest());
            try {
                Reply reply = send(errand, place, call, blob, source);
                if (reply.isSuccess()) {
                    stored(errand, place, blob, reply);
                    return;
                }
                // An upload that the registry no longer knows, or a token that ran out meanwhile, is begun anew.
                boolean stale = (reply.status() == 404 || reply.status() == 401) && attempts.made() == 1;
                if (!stale && !Reply.worthAnotherTry(reply.status())) {
                    throw failures.refused(errand, place, call, reply);
                }
                transport.pause(errand, place, call, reply, attempts);
            } catch (IOException e) {
                transport.pause(errand, place, e, attempts);
            }
        }
    }

    private record Mounted(boolean done, Optional<String> session) {}

    private Mounted mount(Errand errand, Place place, Descriptor blob, List<ImageReference> knownIn)
            throws InterruptedException {
        Optional<String> session = Optional.empty();
        List<String> tried = new ArrayList<>();
        for (ImageReference known : knownIn) {
            Place from = places.toPush(known);
            if (from.endpoint() != place.endpoint()
                    || from.repository().equals(place.repository())
                    || tried.contains(from.repository())
                    || tried.size() == MOST_MOUNTS) {
                continue;
            }
            tried.add(from.repository());
            if (session.isPresent()) {
                cancel(errand, place, session.get());
                session = Optional.empty();
            }
            Scope scope = place.pushing().and(from.pulling().grants());
            String query =
                    "?mount=" + blob.digest() + "&from=" + URLEncoder.encode(from.repository(), StandardCharsets.UTF_8);
            Call call = place.call(
                    "POST", "blobs/uploads/" + query, scope, settings.timeouts().answer());
            Reply reply = transport.call(errand, place, call);
            if (reply.status() == 201) {
                present.add(key(place, blob.digest()));
                report(errand, blob, blob.sizeBytes());
                return new Mounted(true, Optional.empty());
            }
            // A registry that cannot or may not mount opens an upload instead.
            if (reply.status() == 202 && !reply.header("Location").isEmpty()) {
                session = Optional.of(reply.header("Location"));
            }
        }
        return new Mounted(false, session);
    }

    /// Opens an upload.
    ///
    /// @return its location
    String session(Errand errand, Place place) throws InterruptedException {
        Call call = place.call(
                "POST", "blobs/uploads/", place.pushing(), settings.timeouts().answer());
        Reply reply = transport.call(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        return location(errand, place, call, reply);
    }

    String location(Errand errand, Place place, Call call, Reply reply) {
        String location = reply.header("Location");
        if (location.isEmpty()) {
            throw failures.corrupt(
                    errand, place.endpoint().host + " answered " + call.described() + " without a Location.");
        }
        return location;
    }

    /// Frees what an upload holds at the registry. Best effort: registries drop uploads that nobody goes on with.
    void cancel(Errand errand, Place place, String location) throws InterruptedException {
        Call call =
                Call.of("DELETE", location, place.pushing(), settings.timeouts().answer());
        try (Answer answer = transport.open(errand, place, call)) {
            answer.status();
        } catch (IOException e) {
            // See above.
        }
    }

    /// The request that ends an upload.
    Call commit(Place place, String location, Digest digest) {
        return Call.of(
                "PUT",
                location + (location.contains("?") ? "&" : "?") + "digest=" + digest,
                place.pushing(),
                settings.timeouts().commit());
    }

    /// Remembers a blob that the registry has confirmed.
    void stored(Errand errand, Place place, Descriptor blob, Reply reply) {
        String claimed = reply.header("Docker-Content-Digest");
        if (!claimed.isEmpty() && !claimed.equals(blob.digest().toString())) {
            throw failures.corrupt(
                    errand,
                    place.endpoint().host + " stored a blob as " + Words.fromPeer(claimed) + " that was sent as "
                            + blob.digest() + ".");
        }
        present.add(key(place, blob.digest()));
    }

    private void report(Errand errand, Descriptor blob, long doneBytes) {
        settings.listener().moved(new Transfer(Access.PUSH, errand.image(), blob, doneBytes));
    }

    /// Sends a blob of known size as the body of one request.
    private Reply send(Errand errand, Place place, Call call, Descriptor blob, BlobSource source)
            throws IOException, InterruptedException {
        LiveBody body = new LiveBody(blob.sizeBytes(), settings.timeouts().idle());
        Call sending = call.sendingOnce(body).with("Content-Type", "application/octet-stream");
        place.endpoint().pushes.acquire();
        try (InputStream in = source.open()) {
            CompletableFuture<Answer> answer = transport.start(errand, place, sending);
            answer.whenComplete((_, _) -> body.end());
            try {
                long done = 0;
                while (done < blob.sizeBytes()) {
                    byte[] piece = in.readNBytes((int) Math.min(PIECE_BYTES, blob.sizeBytes() - done));
                    if (piece.length == 0) {
                        throw new SourceEnded(blob, done);
                    }
                    body.write(piece, piece.length);
                    done += piece.length;
                    report(errand, blob, done);
                }
                body.finish();
            } catch (IOException e) {
                Optional<Reply> early = early(answer);
                if (early.isPresent()) {
                    return early.get();
                }
                body.abort();
                answer.cancel(true);
                throw e;
            }
            return await(answer);
        } finally {
            place.endpoint().pushes.release();
        }
    }

    /// What the registry said before it had read everything; the better explanation of a broken connection.
    static Optional<Reply> early(CompletableFuture<Answer> answer) throws IOException {
        return answer.isDone() && !answer.isCompletedExceptionally()
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
            answer.cancel(true);
            throw new HttpTimeoutException("request timed out");
        }
    }

    /// The source is shorter than the blob it is said to be.
    static final class SourceEnded extends IOException {
        SourceEnded(Descriptor blob, long seen) {
            super("the source of " + blob.digest() + " ended after " + seen + " of " + blob.sizeBytes() + " bytes");
        }
    }

    Descriptor manifest(ImageReference target, String mediaType, byte[] json) throws InterruptedException {
        Errand errand = Errand.push(target);
        Place place = place(target);
        Digest digest = Digest.of(json);
        Descriptor descriptor = new Descriptor(mediaType, digest, json.length);
        put(errand, place, descriptor, json, digest.toString());
        Call call = place.call(
                        "GET",
                        "manifests/" + digest,
                        place.pushing(),
                        settings.timeouts().answer())
                .with("Accept", mediaType);
        Reply reply = transport.call(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        Digest seen = Digest.of(reply.body());
        if (!seen.equals(digest)) {
            throw failures.wrongDigest(errand, place, "manifest back", digest, seen);
        }
        return descriptor;
    }

    void tag(ImageReference target, Descriptor manifest, byte[] json) throws InterruptedException {
        put(Errand.push(target), place(target), manifest, json, target.tagOrLatest());
    }

    private void put(Errand errand, Place place, Descriptor manifest, byte[] json, String reference)
            throws InterruptedException {
        Call call = place.call(
                        "PUT",
                        "manifests/" + reference,
                        place.pushing(),
                        settings.timeouts().answer())
                .with("Content-Type", manifest.mediaType())
                .sending(json);
        Reply reply = transport.call(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
    }
}
