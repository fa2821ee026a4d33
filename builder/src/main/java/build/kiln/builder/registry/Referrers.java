package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/// Pushes manifests that refer to another one, and keeps the list of them where the registry does not.
///
/// A registry without the referrers API has the list as an index under a tag. Nobody can change a tag on the condition
/// that it is still the same, so two clients that add to the list at once can each put the other's entry out. So each
/// looks again, after a pause that is longer than it took itself from reading the list to having it replaced, and adds
/// its entry anew until it stays.
///
/// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema">
/// distribution-spec 1.1.1, Referrers Tag Schema</a>
final class Referrers {

    /// How often an entry is added to a list from which others put it out.
    private static final int MOST_ADDITIONS = 20;

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

    private static final int PRECONDITION_FAILED = 412;

    private final RegistrySettings settings;
    private final Pusher pusher;
    private final Transport transport;
    private final Failures failures;

    Referrers(RegistrySettings settings, Pusher pusher, Transport transport, Failures failures) {
        this.settings = settings;
        this.pusher = pusher;
        this.transport = transport;
        this.failures = failures;
    }

    Descriptor attach(ImageReference target, ImageManifest manifest) throws InterruptedException {
        Descriptor subject = Objects.requireNonNull(manifest.subject(), "the manifest refers to nothing");
        byte[] json = manifest.toJson();
        Descriptor descriptor = new Descriptor(manifest.mediaType(), Digest.of(json), json.length);
        Reply stored = pusher.store(target, descriptor, json);
        if (stored.header("OCI-Subject").isEmpty()) {
            list(target.withTag(tag(subject.digest())), descriptor, entry(descriptor, manifest));
        }
        return descriptor;
    }

    /// `sha256-…`: the tag of the list of what refers to a manifest.
    private static String tag(Digest subject) {
        String[] parts = subject.toString().split(":", 2);
        return cut(parts[0], 32) + "-" + cut(parts[1], 64);
    }

    private static String cut(String text, int longest) {
        return text.substring(0, Math.min(longest, text.length()));
    }

    private static ObjectNode entry(Descriptor descriptor, ImageManifest manifest) {
        ObjectNode entry = descriptor.withAnnotations(manifest.annotations()).write();
        String type = manifest.artifactType();
        entry.put("artifactType", type == null ? manifest.config().mediaType() : type);
        return entry;
    }

    private void list(ImageReference tag, Descriptor referrer, ObjectNode entry) throws InterruptedException {
        for (int additions = 0; additions < MOST_ADDITIONS; additions++) {
            Instant before = settings.clock().instant();
            Listing listing = read(tag);
            if (listing.has(referrer.digest())) {
                return;
            }
            replace(tag, listing, entry);
            pause(Duration.between(before, settings.clock().instant()));
        }
        if (!read(tag).has(referrer.digest())) {
            throw new RegistryFailure(
                    Reason.RegistryUnavailable,
                    "",
                    "The list " + tag + " of what refers to an image was replaced by others " + MOST_ADDITIONS
                            + " times, each time without the entry " + referrer.digest() + ".",
                    "Build again when fewer write to it at once.");
        }
    }

    /// The list as it is now.
    ///
    /// @param entityTag empty if the registry gives none, or there is no list
    private record Listing(ObjectNode index, String entityTag) {

        boolean has(Digest digest) {
            for (JsonNode one : index.path("manifests")) {
                if (one.path("digest").asText().equals(digest.toString())) {
                    return true;
                }
            }
            return false;
        }

        /// What others have written there stays as it is, whatever it is.
        byte[] plus(ObjectNode entry) {
            ObjectNode more = index.deepCopy();
            more.withArray("manifests").add(entry);
            return Json.bytes(more);
        }
    }

    private Listing read(ImageReference tag) throws InterruptedException {
        Errand errand = Errand.push(tag);
        Place place = pusher.place(tag);
        Call call = place.call(
                        "GET",
                        "manifests/" + tag.tagOrLatest(),
                        place.pushing(),
                        settings.timeouts().answer())
                .with("Accept", Puller.ACCEPT); // a registry may hide what is of another kind, and would then lose it
        Reply reply = transport.call(errand, place, call);
        if (reply.status() == 404) {
            ObjectNode empty = Json.object();
            empty.put("schemaVersion", 2);
            empty.put("mediaType", MediaTypes.OCI_INDEX);
            empty.putArray("manifests");
            return new Listing(empty, "");
        }
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        try {
            if (Json.parse(reply.body()) instanceof ObjectNode index
                    && index.path("mediaType").asText(MediaTypes.OCI_INDEX).equals(MediaTypes.OCI_INDEX)
                    && index.path("manifests").isArray()) {
                return new Listing(index, reply.header("ETag"));
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new RegistryFailure(
                Reason.PushDenied,
                "",
                "The tag " + tag + " is that of the list of what refers to an image, and leads to something that is no"
                        + " index. It was left as it is.",
                "Delete that tag.");
    }

    private void replace(ImageReference tag, Listing listing, ObjectNode entry) throws InterruptedException {
        Errand errand = Errand.push(tag);
        Place place = pusher.place(tag);
        byte[] json = listing.plus(entry);
        Descriptor index = new Descriptor(MediaTypes.OCI_INDEX, Digest.of(json), json.length);
        Call call = pusher.manifestCall(place, index, json, tag.tagOrLatest());
        // Registries that know conditions keep two clients from each other; the others take no notice.
        Call conditional = listing.entityTag().isEmpty() ? call : call.with("If-Match", listing.entityTag());
        Reply reply = pusher.send(errand, place, conditional);
        if (!reply.isSuccess() && reply.status() != PRECONDITION_FAILED) {
            throw failures.refused(errand, place, conditional, reply);
        }
    }

    private static void pause(Duration took) throws InterruptedException {
        long shortest = Math.max(SHORTEST_PAUSE.toMillis(), 3 * took.toMillis());
        Thread.sleep(shortest + ThreadLocalRandom.current().nextLong(shortest / 2));
    }
}
