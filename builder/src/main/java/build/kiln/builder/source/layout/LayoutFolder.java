package build.kiln.builder.source.layout;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A folder in the form of the OCI image layout: `index.json`, and blobs that are called by their digest.
///
/// The folder is the caller's own; links in it are followed, and every blob's bytes are held against its digest.
///
/// @param place where the user named it, for messages
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md">image-spec 1.1.1, Image
/// Layout</a>
public record LayoutFolder(Path folder, String place) {

    private static final String TAG = "org.opencontainers.image.ref.name";
    private static final int DEEPEST_INDEX = 3;
    private static final long LONGEST_DOCUMENT = 4 << 20;

    /// The image for a platform, by way of the index if there is one. An image without an index is returned
    /// whatever its platform; its config says which that is.
    ///
    /// @param address in this folder. Without tag and digest it means `latest`, or else the only image there is
    /// @throws SourceFailure `SourceNotFound`, `ImageNotFound` (no such tag, digest or platform), `SourceCorrupt`,
    /// `NotSupportedYet` (something else than a container image)
    public LayoutImage image(LayoutAddress address, Platform platform) {
        Digest asked = address.digest();
        Digest named = asked != null ? asked : tagged(address.tag());
        Digest found = named;
        byte[] json = document(found);
        for (int depth = 0; isIndex(found, json); depth++) {
            if (depth == DEEPEST_INDEX) {
                throw corrupt("an index leads to an index more than " + DEEPEST_INDEX + " times");
            }
            ImageIndex index = parsed("index " + found, json, ImageIndex::parse);
            found = index.select(platform)
                    .orElseThrow(() -> noPlatform(address, platform, index))
                    .digest();
            json = document(found);
        }
        ImageManifest manifest = parsed("manifest " + found, json, ImageManifest::parse);
        String type = manifest.config().mediaType();
        if (!type.equals(MediaTypes.OCI_CONFIG) && !type.equals(MediaTypes.DOCKER_CONFIG)) {
            throw noImage(found, "its config has the media type \"" + shown(type) + "\"");
        }
        Digest configDigest = manifest.config().digest();
        ImageConfig config = parsed("config " + configDigest, document(configDigest), ImageConfig::parse);
        if (config.diffIds().size() != manifest.layers().size()) {
            throw corrupt(
                    "the manifest " + found + " lists " + manifest.layers().size() + " layers, and its config "
                            + config.diffIds().size());
        }
        return new LayoutImage(named, found, manifest, config);
    }

    /// A blob's bytes. The stream verifies size and digest before it hands out the last byte, and throws
    /// [SourceFailure] from `read`. The caller closes it.
    ///
    /// @throws SourceFailure `ImageNotFound` if there is no such blob, `SourceCorrupt`
    public InputStream open(Descriptor blob) {
        Path file = file(blob.digest());
        try {
            long size = sizeOf(file, blob.digest());
            if (size != blob.sizeBytes()) {
                throw damaged(file, "it has " + size + " bytes, and " + blob.sizeBytes() + " were expected");
            }
            return new VerifiedBlob(Files.newInputStream(file), blob, fact -> damaged(file, fact));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private Digest tagged(@Nullable String tag) {
        List<Descriptor> all = parsed("index.json", index(), ImageIndex::parse).manifests();
        String wanted = tag == null ? "latest" : tag;
        for (Descriptor one : all) {
            if (wanted.equals(one.annotations().get(TAG))) {
                return one.digest();
            }
        }
        List<Digest> distinct = all.stream().map(Descriptor::digest).distinct().toList();
        if (tag == null && distinct.size() == 1) {
            return distinct.getFirst();
        }
        String tags = all.stream()
                .flatMap(one -> Optional.ofNullable(one.annotations().get(TAG)).stream())
                .map(one -> "\"" + shown(one) + "\"")
                .distinct()
                .collect(Collectors.joining(", "));
        throw new SourceFailure(
                Reason.ImageNotFound,
                place,
                "the layout \"" + folder + "\" has no image with the tag \"" + wanted + "\"; it has "
                        + (tags.isEmpty() ? all.size() + " images without a tag" : tags) + ".",
                tags.isEmpty()
                        ? "Name one by digest: oci-layout://" + folder + "@sha256:DIGEST."
                        : "Name one of these: oci-layout://" + folder + ":TAG.");
    }

    private byte[] index() {
        if (!Files.isDirectory(folder)) {
            throw new SourceFailure(
                    Reason.SourceNotFound,
                    place,
                    (Files.exists(folder)
                                    ? "\"" + folder + "\" is not a folder"
                                    : "there is no folder \"" + folder + "\"")
                            + ", and an OCI layout is one.",
                    "Name the folder that holds index.json; an archive has to be unpacked first.");
        }
        Path file = folder.resolve("index.json");
        try {
            if (Files.size(file) > LONGEST_DOCUMENT) {
                throw corrupt("index.json has " + Files.size(file) + " bytes, and 4 MiB are allowed");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new SourceFailure(
                    Reason.SourceNotFound,
                    place,
                    "the folder \"" + folder + "\" has no index.json, so it is no OCI layout.",
                    "Name the folder that holds index.json.",
                    e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private byte[] document(Digest digest) {
        Path file = file(digest);
        try {
            long size = sizeOf(file, digest);
            if (size > LONGEST_DOCUMENT) {
                throw damaged(file, "it has " + size + " bytes, and 4 MiB are allowed for a document");
            }
            try (InputStream in = open(new Descriptor(MediaTypes.OCI_MANIFEST, digest, size))) {
                return in.readAllBytes();
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private Path file(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    private long sizeOf(Path file, Digest digest) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new SourceFailure(
                    Reason.ImageNotFound,
                    place,
                    "the layout \"" + folder + "\" has no blob " + digest + ".",
                    "Write the layout again, whole, or name an image that it has.");
        }
        return Files.size(file);
    }

    /// By what the document says of itself, else by what it has.
    private boolean isIndex(Digest digest, byte[] json) {
        JsonNode node = parsed("manifest " + digest, json, Json::parse);
        String type = node.path("mediaType").asText("");
        if (type.isEmpty()) {
            return node.has("manifests");
        }
        if (!MediaTypes.isIndex(type) && !MediaTypes.isManifest(type)) {
            throw noImage(digest, "its media type is \"" + shown(type) + "\"");
        }
        return MediaTypes.isIndex(type);
    }

    private <T> T parsed(String what, byte[] json, Function<byte[], T> parser) {
        try {
            return parser.apply(json);
        } catch (IllegalArgumentException e) {
            throw corrupt("its " + what + " is not well-formed: " + shown(String.valueOf(e.getMessage())));
        }
    }

    private SourceFailure noPlatform(LayoutAddress address, Platform wanted, ImageIndex index) {
        String has = index.manifests().stream()
                .map(Descriptor::platform)
                .filter(platform -> platform != null && !platform.os().equals("unknown"))
                .map(String::valueOf)
                .distinct()
                .collect(Collectors.joining(", "));
        return new SourceFailure(
                Reason.ImageNotFound,
                place,
                address + " has no image for " + wanted + "; it has "
                        + (has.isEmpty() ? "none with a platform" : shown(has)) + ".",
                "Build for a platform that it has, or name another image.");
    }

    private SourceFailure noImage(Digest digest, String fact) {
        return new SourceFailure(
                Reason.NotSupportedYet,
                place,
                digest + " in the layout \"" + folder + "\" is not a container image: " + fact + ".",
                "Name a container image.");
    }

    private SourceFailure damaged(Path file, String fact) {
        return corrupt("the blob \"" + folder.relativize(file) + "\" is damaged: " + fact);
    }

    /// Something in the folder is not what it has to be.
    public SourceFailure corrupt(String fact) {
        return new SourceFailure(
                Reason.SourceCorrupt,
                place,
                "the layout \"" + folder + "\" is broken: " + fact + ".",
                "Write the layout again, or name another one.");
    }

    private SourceFailure unreadable(Path file, IOException cause) {
        return new SourceFailure(
                Reason.SourceNotFound,
                place,
                "\"" + file + "\" cannot be read: " + cause + ".",
                "Let the builder's user read it, or name another layout.",
                cause);
    }

    /// What comes from the folder's documents, fit to be printed.
    private static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 4096 ? plain.substring(0, 4096) : plain;
    }
}
