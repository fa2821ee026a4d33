package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads from registries: the mirrors of a repository first, then the registry itself.
final class Puller {

    private static final Logger LOG = LoggerFactory.getLogger(Puller.class);
    private static final int DEEPEST_INDEX = 3;
    static final String ACCEPT = String.join(
            ", ", MediaTypes.OCI_INDEX, MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_LIST, MediaTypes.DOCKER_MANIFEST);

    private final RegistrySettings settings;
    private final Places places;
    private final Transport transport;
    private final Failures failures;

    /// The place that answered for a repository's name last; it is asked first.
    private final Map<String, Place> proven = new ConcurrentHashMap<>();

    private interface Ask<T> {
        T of(Place place) throws InterruptedException;
    }

    Puller(RegistrySettings settings, Places places, Transport transport, Failures failures) {
        this.settings = settings;
        this.places = places;
        this.transport = transport;
        this.failures = failures;
    }

    Resolved resolve(ImageReference image) throws InterruptedException {
        return first(image, place -> manifest(Errand.pull(image), place, image));
    }

    /// What a name leads to, as the registry says it; no document is sent, so nobody counts it as a pull.
    Digest digest(ImageReference image) throws InterruptedException {
        return first(image, place -> {
            Errand errand = Errand.pull(image);
            Call call = place.call(
                            "HEAD",
                            "manifests/" + image.tagOrLatest(),
                            place.pulling(),
                            settings.timeouts().answer())
                    .with("Accept", ACCEPT);
            Reply reply = transport.call(errand, place, call);
            if (!reply.isSuccess()) {
                throw failures.refused(errand, place, call, reply);
            }
            String claimed = reply.header("Docker-Content-Digest");
            return claimed.matches("sha256:[0-9a-f]{64}")
                    ? Digest.parse(claimed)
                    : manifest(errand, place, image).descriptor().digest();
        });
    }

    /// @param top what `image` led to
    PulledImage image(Resolved top, ImageReference image, Platform platform) throws InterruptedException {
        Errand errand = Errand.pull(image);
        Resolved found = top;
        for (int depth = 0; found.isIndex(); depth++) {
            if (depth == DEEPEST_INDEX) {
                throw failures.corrupt(errand, "an index leads to an index more than " + DEEPEST_INDEX + " times.");
            }
            ImageIndex index = parsed(errand, "index", found.json(), ImageIndex::parse);
            Descriptor manifest = index.select(platform).orElseThrow(() -> noPlatform(image, platform, index));
            found = resolve(image.withDigest(manifest.digest()));
        }
        ImageManifest manifest = parsed(errand, "manifest", found.json(), ImageManifest::parse);
        String type = manifest.config().mediaType();
        if (!type.equals(MediaTypes.OCI_CONFIG) && !type.equals(MediaTypes.DOCKER_CONFIG)) {
            throw new RegistryFailure(
                    Reason.NotSupportedYet,
                    "",
                    image + " is not a container image: its config has the media type \"" + Words.fromPeer(type)
                            + "\".",
                    "Name a container image.");
        }
        byte[] json = whole(image, manifest.config());
        ImageConfig config = parsed(errand, "config", json, ImageConfig::parse);
        if (config.diffIds().size() != manifest.layers().size()) {
            throw failures.corrupt(
                    errand,
                    "its manifest lists " + manifest.layers().size() + " layers, and its config "
                            + config.diffIds().size() + ".");
        }
        return new PulledImage(top.image(), found.descriptor(), manifest, config, json);
    }

    private static RegistryFailure noPlatform(ImageReference image, Platform wanted, ImageIndex index) {
        String has = index.manifests().stream()
                .map(Descriptor::platform)
                .filter(platform -> platform != null && !platform.os().equals("unknown"))
                .map(String::valueOf)
                .distinct()
                .collect(Collectors.joining(", "));
        return new RegistryFailure(
                Reason.ImageNotFound,
                "",
                image + " has no image for " + wanted + "; it has "
                        + (has.isEmpty() ? "none with a platform" : Words.fromPeer(has)) + ".",
                "Build for a platform that it has, or name another image.");
    }

    private <T> T parsed(Errand errand, String what, byte[] json, Function<byte[], T> parser) {
        try {
            return parser.apply(json);
        } catch (IllegalArgumentException e) {
            throw failures.corrupt(
                    errand,
                    "its " + what + " is not well-formed: " + Words.fromPeer(String.valueOf(e.getMessage())) + ".");
        }
    }

    BlobStream pull(ImageReference image, Descriptor blob) throws InterruptedException {
        return new BlobStream(transport, failures, settings, Errand.pull(image), candidates(image), blob).open();
    }

    byte[] whole(ImageReference image, Descriptor blob) throws InterruptedException {
        if (blob.sizeBytes() > Answer.LONGEST_DOCUMENT) {
            throw failures.corrupt(
                    Errand.pull(image),
                    "the document " + blob.digest() + " is said to have " + blob.sizeBytes()
                            + " bytes, and 4 MiB are allowed.");
        }
        try (BlobStream stream = pull(image, blob)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw failures.corrupt(Errand.pull(image), Words.of(e) + ".");
        }
    }

    /// The registry itself, whatever mirrors it has.
    Place origin(ImageReference image) {
        return places.toPull(image).getLast();
    }

    /// The places to ask, best first; the last one has the last word.
    private List<Place> candidates(ImageReference image) {
        List<Place> all = places.toPull(image);
        Place good = proven.get(image.name());
        if (good == null || !all.contains(good)) {
            return all;
        }
        return good.equals(all.getLast()) ? List.of(good) : List.of(good, all.getLast());
    }

    private <T> T first(ImageReference image, Ask<T> ask) throws InterruptedException {
        List<Place> all = candidates(image);
        for (Place place : all.subList(0, all.size() - 1)) {
            try {
                T answer = ask.of(place);
                proven.put(image.name(), place);
                return answer;
            } catch (RegistryFailure e) {
                LOG.atWarn()
                        .addKeyValue("image", image)
                        .addKeyValue("mirror", place.endpoint().host)
                        .addKeyValue("reason", e.getMessage())
                        .log("A mirror cannot serve; the next place is asked");
            }
        }
        T answer = ask.of(all.getLast());
        proven.put(image.name(), all.getLast());
        return answer;
    }

    private Resolved manifest(Errand errand, Place place, ImageReference image) throws InterruptedException {
        Digest digest = image.digest();
        Call call = place.call(
                        "GET",
                        "manifests/" + (digest == null ? image.tagOrLatest() : digest),
                        place.pulling(),
                        settings.timeouts().answer())
                .with("Accept", ACCEPT);
        Reply reply = transport.call(errand, place, call);
        if (!reply.isSuccess()) {
            throw failures.refused(errand, place, call, reply);
        }
        Digest seen = digest == null ? Digest.of(reply.body()) : digestOf(reply.body(), digest);
        if (digest != null && !seen.equals(digest)) {
            throw failures.wrongDigest(errand, place, "manifest", digest, seen);
        }
        String claimed = reply.header("Docker-Content-Digest");
        if (digest == null && claimed.startsWith("sha256:") && !claimed.equals(seen.toString())) {
            throw failures.corrupt(
                    errand,
                    place.endpoint().host + " sent a manifest with the digest " + seen + ", and says that it is "
                            + Words.fromPeer(claimed) + ".");
        }
        String type = mediaType(errand, reply);
        return new Resolved(image.withDigest(seen), new Descriptor(type, seen, reply.body().length), reply.body());
    }

    static Digest digestOf(byte[] bytes, Digest like) {
        return like.algorithm().equals("sha256")
                ? Digest.of(bytes)
                : new Digest(
                        like.algorithm(),
                        java.util.HexFormat.of().formatHex(like.newHash().digest(bytes)));
    }

    /// What the document says of itself, else what the registry says of it.
    private String mediaType(Errand errand, Reply reply) {
        JsonNode json = parsed(errand, "manifest", reply.body(), Json::parse);
        String type = json.path("mediaType").asText("");
        if (type.isEmpty()) {
            type = reply.header("Content-Type").replaceFirst("\\s*;.*", "");
        }
        if (MediaTypes.isIndex(type) || MediaTypes.isManifest(type)) {
            return type;
        }
        if (json.path("schemaVersion").asInt(2) == 1) {
            throw new RegistryFailure(
                    Reason.NotSupportedYet,
                    "",
                    errand.image() + " is an image of the old schema 1, which has no verifiable layers.",
                    "Push it again with a Docker of version 1.10 or later.");
        }
        if (json.has("manifests")) {
            return MediaTypes.OCI_INDEX;
        }
        if (json.has("layers") && json.has("config")) {
            return MediaTypes.OCI_MANIFEST;
        }
        throw new RegistryFailure(
                Reason.NotSupportedYet,
                "",
                errand.image() + " is not a container image: its media type is \"" + Words.fromPeer(type) + "\".",
                "Name a container image.");
    }
}
