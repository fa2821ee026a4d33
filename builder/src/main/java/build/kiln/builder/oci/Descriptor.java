package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Media type, digest and size of something in a registry.
///
/// @param sizeBytes of the raw, possibly compressed, content
/// @param platform only in an index, and not always there
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md">image-spec 1.1.1, Content
/// Descriptors</a>
public record Descriptor(
        String mediaType,
        Digest digest,
        long sizeBytes,
        Map<String, String> annotations,
        @Nullable Platform platform) {

    public Descriptor {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a descriptor's size is " + sizeBytes + " bytes");
        }
        annotations = Json.sorted(annotations);
    }

    public Descriptor(String mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, Map.of(), null);
    }

    public Descriptor withPlatform(Platform of) {
        return new Descriptor(mediaType, digest, sizeBytes, annotations, of);
    }

    public Descriptor withAnnotations(Map<String, String> all) {
        return new Descriptor(mediaType, digest, sizeBytes, all, platform);
    }

    static Descriptor read(JsonNode node) {
        JsonNode platform = node.path("platform");
        return new Descriptor(
                Json.text(node, "mediaType"),
                Digest.parse(Json.text(node, "digest")),
                Json.number(node, "size"),
                Json.strings(node.path("annotations")),
                platform.isObject()
                        ? new Platform(
                                Json.text(platform, "os"),
                                Json.text(platform, "architecture"),
                                Json.optionalText(platform, "variant"),
                                Json.optionalText(platform, "os.version"))
                        : null);
    }

    /// The descriptor as it stands in an index.
    public ObjectNode write() {
        ObjectNode node = Json.object();
        node.put("mediaType", mediaType);
        node.put("digest", digest.toString());
        node.put("size", sizeBytes);
        if (!annotations.isEmpty()) {
            node.set("annotations", Json.of(annotations));
        }
        if (platform != null) {
            ObjectNode on = node.putObject("platform");
            on.put("architecture", platform.architecture());
            on.put("os", platform.os());
            if (platform.osVersion() != null) {
                on.put("os.version", platform.osVersion());
            }
            if (platform.variant() != null) {
                on.put("variant", platform.variant());
            }
        }
        return node;
    }
}
