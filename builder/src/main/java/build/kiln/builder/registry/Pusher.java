package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Writes blobs and manifests to registries.
///
/// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push">distribution-spec 1.1.1,
/// Push</a>
final class Pusher {

    private static final int MOST_MOUNTS = 3;

    private final RegistrySettings settings;
    private final Places places;
    private final Transport transport;
    private final Failures failures;
    private final Sender sender;

    /// `host/repository@digest` of blobs that are known to be there.
    private final Set<String> present = ConcurrentHashMap.newKeySet();

    Pusher(RegistrySettings settings, Places places, Transport transport, Failures failures) {
        this.settings = settings;
        this.places = places;
        this.transport = transport;
        this.failures = failures;
        this.sender = new Sender(settings, transport);
    }

    Sender sender() {
        return sender;
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

    /// @throws UncheckedIOException if the source cannot be read; never tried again
    void push(ImageReference target, Descriptor blob, List<ImageReference> knownIn, BlobSource source)
            throws InterruptedException {
        Errand errand = Errand.push(target);
        Place place = place(target);
        if (exists(errand, place, blob.digest())) {
            return;
        }
        Mounted mounted = mount(errand, place, blob, knownIn);
        Optional<String> session = mounted.session();
        Attempts attempts = transport.attempts(place);
        for (boolean done = mounted.done(); !done; ) {
            String location = session.isPresent() ? session.get() : session(errand, place);
            session = Optional.empty();
            Call call = commit(place, location, blob.digest());
            try {
                Reply reply = sender.send(errand, place, call, blob, source);
                done = settle(errand, place, call, blob, reply, attempts);
            } catch (IOException e) {
                transport.pause(errand, place, e, attempts);
            }
            // The answer may be lost and the blob there.
            done = done || exists(errand, place, blob.digest());
        }
    }

    /// Judges the answer to a whole upload.
    ///
    /// @return false if it is to be tried again
    private boolean settle(Errand errand, Place place, Call call, Descriptor blob, Reply reply, Attempts attempts)
            throws InterruptedException {
        if (reply.isSuccess()) {
            stored(errand, place, blob, reply);
            return true;
        }
        // An upload that the registry no longer knows, or a token that ran out meanwhile: begun anew, once.
        boolean stale = (reply.status() == 404 || reply.status() == 401) && attempts.made() == 1;
        boolean damaged = reply.statusAndCode().endsWith(" DIGEST_INVALID");
        if (stale || damaged || Reply.worthAnotherTry(reply.status())) {
            if (damaged && attempts.spent()) {
                throw failures.damaged(errand, place, blob, attempts);
            }
            transport.pause(errand, place, call, reply, attempts);
            return false;
        }
        throw failures.refused(errand, place, call, reply);
    }

    private record Mounted(boolean done, Optional<String> session) {}

    private Mounted mount(Errand errand, Place place, Descriptor blob, List<ImageReference> knownIn)
            throws InterruptedException {
        List<String> repositories = knownIn.stream()
                .flatMap(known -> places.known(known).stream())
                .filter(known -> known.endpoint() == place.endpoint())
                .map(Place::repository)
                .filter(repository -> !repository.equals(place.repository()))
                .distinct()
                .limit(MOST_MOUNTS)
                .toList();
        Optional<String> session = Optional.empty();
        for (String from : repositories) {
            if (session.isPresent()) {
                cancel(errand, place, session.get());
            }
            Mounted mounted = mount(errand, place, blob, from);
            if (mounted.done()) {
                return mounted;
            }
            session = mounted.session();
        }
        return new Mounted(false, session);
    }

    private Mounted mount(Errand errand, Place place, Descriptor blob, String from) throws InterruptedException {
        Scope scope = place.pushing().and(Scope.pull(from).grants());
        String query = "?mount=" + blob.digest() + "&from=" + URLEncoder.encode(from, StandardCharsets.UTF_8);
        Call call = place.call(
                "POST", "blobs/uploads/" + query, scope, settings.timeouts().answer());
        Reply reply;
        try {
            reply = transport.call(errand, place, call);
        } catch (RegistryFailure e) {
            if (e.reason() == Reason.PushDenied) {
                return new Mounted(false, Optional.empty()); // no token for both repositories
            }
            throw e;
        }
        if (reply.status() == 201) {
            stored(errand, place, blob, reply);
            settings.listener().moved(new Transfer(Access.PUSH, errand.image(), blob, blob.sizeBytes()));
            return new Mounted(true, Optional.empty());
        }
        // A registry that cannot or may not mount opens an upload instead.
        String location = reply.header("Location");
        return new Mounted(
                false, reply.status() == 202 && !location.isEmpty() ? Optional.of(location) : Optional.empty());
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
