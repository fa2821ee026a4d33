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
import java.time.Duration;
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
        place.endpoint().takesPushes = true;
    }

    /// Whether a blob may be sent there before its digest is known: a push has been allowed, and none has broken.
    boolean takesStreams(ImageReference target) {
        Endpoint endpoint = place(target).endpoint();
        return endpoint.takesPushes && !endpoint.breaksStreams;
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
        if (present.contains(key(place, blob.digest()))) {
            return;
        }
        Optional<String> session;
        switch (found(errand, place, blob, sources(place, knownIn))) {
            case Mounted.There() -> {
                return;
            }
            case Mounted.Absent(Optional<String> opened) -> session = opened;
        }
        Attempts attempts = transport.attempts(place);
        for (boolean done = false; !done; ) {
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

    /// What a look for a blob came to.
    private sealed interface Mounted {

        /// The repository has it, now or before.
        record There() implements Mounted {}

        /// @param session an upload that the registry opened instead of a mount
        record Absent(Optional<String> session) implements Mounted {}
    }

    private static final Mounted NOT_MOUNTED = new Mounted.Absent(Optional.empty());

    /// Looks for the blob. Where another repository has it, the mount is asked for at once: it is one request whether
    /// the
    /// blob is there or not. A registry that has refused one is asked first whether it has the blob.
    private Mounted found(Errand errand, Place place, Descriptor blob, List<String> sources)
            throws InterruptedException {
        boolean mountsFirst = !place.endpoint().refusesMounts;
        Mounted mounted = mountsFirst ? mount(errand, place, blob, sources) : NOT_MOUNTED;
        if (mounted instanceof Mounted.There) {
            return mounted;
        }
        if (exists(errand, place, blob.digest())) {
            if (mounted instanceof Mounted.Absent(Optional<String> session) && session.isPresent()) {
                cancel(errand, place, session.get());
            }
            return new Mounted.There();
        }
        return mountsFirst ? mounted : mount(errand, place, blob, sources);
    }

    /// The repositories of the same registry that may have it.
    private List<String> sources(Place place, List<ImageReference> knownIn) {
        return knownIn.stream()
                .flatMap(known -> places.known(known).stream())
                .filter(known -> known.endpoint() == place.endpoint())
                .map(Place::repository)
                .filter(repository -> !repository.equals(place.repository()))
                .distinct()
                .limit(MOST_MOUNTS)
                .toList();
    }

    private Mounted mount(Errand errand, Place place, Descriptor blob, List<String> sources)
            throws InterruptedException {
        Mounted mounted = NOT_MOUNTED;
        for (String from : sources) {
            if (mounted instanceof Mounted.Absent(Optional<String> session) && session.isPresent()) {
                cancel(errand, place, session.get());
            }
            mounted = mount(errand, place, blob, from);
            if (mounted instanceof Mounted.There) {
                return mounted;
            }
            place.endpoint().refusesMounts = true;
        }
        return mounted;
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
                return NOT_MOUNTED; // no token for both repositories
            }
            throw e;
        }
        if (reply.status() == 201) {
            stored(errand, place, blob, reply);
            settings.listener().moved(new Transfer(Access.PUSH, errand.image(), blob, blob.sizeBytes()));
            return new Mounted.There();
        }
        // A registry that cannot or may not mount opens an upload instead.
        String location = reply.header("Location");
        return new Mounted.Absent(
                reply.status() == 202 && !location.isEmpty() ? Optional.of(location) : Optional.empty());
    }

    /// Opens an upload.
    ///
    /// @return its location
    String session(Errand errand, Place place) throws InterruptedException {
        Call call = opening(place);
        return opened(errand, place, call, transport.call(errand, place, call));
    }

    /// The same, in one attempt.
    String sessionAtOnce(Errand errand, Place place) throws IOException, InterruptedException {
        Call call = opening(place);
        return opened(errand, place, call, transport.once(errand, place, call));
    }

    private Call opening(Place place) {
        return place.call(
                "POST", "blobs/uploads/", place.pushing(), settings.timeouts().answer());
    }

    private String opened(Errand errand, Place place, Call call, Reply reply) throws InterruptedException {
        if (!reply.isSuccess()) {
            throw refused(errand, place, call, reply);
        }
        return location(errand, place, call, reply);
    }

    /// What an answer means after the only attempt.
    RegistryFailure refused(Errand errand, Place place, Call call, Reply reply) throws InterruptedException {
        return Reply.worthAnotherTry(reply.status())
                ? failures.unavailable(
                        errand, place, call.described(), reply, new Attempts(settings.retry()), Duration.ZERO)
                : failures.refused(errand, place, call, reply);
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
        Descriptor descriptor = new Descriptor(mediaType, Digest.of(json), json.length);
        var unused = store(target, descriptor, json);
        return descriptor;
    }

    /// Stores a manifest by its digest, and reads it back.
    ///
    /// @return the answer to the push
    Reply store(ImageReference target, Descriptor descriptor, byte[] json) throws InterruptedException {
        Errand errand = Errand.push(target);
        Place place = place(target);
        Digest digest = descriptor.digest();
        Reply stored = put(errand, place, manifestCall(place, descriptor, json, digest.toString()));
        Call call = place.call(
                        "GET",
                        "manifests/" + digest,
                        place.pushing(),
                        settings.timeouts().answer())
                .with("Accept", descriptor.mediaType());
        Reply reply = transport.call(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        Digest seen = Digest.of(reply.body());
        if (!seen.equals(digest)) {
            throw failures.wrongDigest(errand, place, "manifest back", digest, seen);
        }
        return stored;
    }

    void tag(ImageReference target, Descriptor manifest, byte[] json) throws InterruptedException {
        Place place = place(target);
        var unused = put(Errand.push(target), place, manifestCall(place, manifest, json, target.tagOrLatest()));
    }

    /// @param reference a tag or a digest
    Call manifestCall(Place place, Descriptor manifest, byte[] json, String reference) {
        return place.call(
                        "PUT",
                        "manifests/" + reference,
                        place.pushing(),
                        settings.timeouts().answer())
                .with("Content-Type", manifest.mediaType())
                .sending(json);
    }

    private Reply put(Errand errand, Place place, Call call) throws InterruptedException {
        Reply reply = send(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        return reply;
    }

    /// Sends a manifest, whatever the answer is.
    Reply send(Errand errand, Place place, Call call) throws InterruptedException {
        Attempts attempts = transport.attempts(place);
        Reply reply = transport.call(errand, place, call);
        // The digests are right. A registry says so that reads what another push is writing at this very moment.
        while (reply.says("DIGEST_INVALID") && attempts.again(Duration.ZERO)) {
            reply = transport.call(errand, place, call);
        }
        return reply;
    }
}
