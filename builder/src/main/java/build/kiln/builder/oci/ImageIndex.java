package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Several manifests under one name, usually one a platform.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md">image-spec 1.1.1, Image
/// Index</a>
public record ImageIndex(String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {

    public ImageIndex {
        manifests = List.copyOf(manifests);
        annotations = Json.sorted(annotations);
    }

    /// @throws IllegalArgumentException if the bytes are not an image index
    public static ImageIndex parse(byte[] json) {
        JsonNode node = Json.parse(json);
        List<Descriptor> manifests = new ArrayList<>();
        node.path("manifests").forEach(manifest -> manifests.add(Descriptor.read(manifest)));
        String mediaType = Json.optionalText(node, "mediaType");
        return new ImageIndex(
                mediaType == null ? MediaTypes.OCI_INDEX : mediaType,
                manifests,
                Json.strings(node.path("annotations")));
    }

    /// The canonical bytes; their digest is the index's digest.
    public byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("schemaVersion", 2);
        node.put("mediaType", mediaType);
        ArrayNode all = node.putArray("manifests");
        manifests.forEach(manifest -> all.add(manifest.write()));
        if (!annotations.isEmpty()) {
            node.set("annotations", Json.of(annotations));
        }
        return Json.bytes(node);
    }

    /// The manifest that fits `wanted` best: the same variant, else the highest that it can run.
    public Optional<Descriptor> select(Platform wanted) {
        Descriptor best = null;
        for (Descriptor manifest : manifests) {
            Platform platform = manifest.platform();
            if (platform == null
                    || !platform.os().equals(wanted.os())
                    || !platform.architecture().equals(wanted.architecture())
                    || variant(platform).compareTo(variant(wanted)) > 0) {
                continue;
            }
            if (best == null || variant(platform).compareTo(variant(best.platform())) > 0) {
                best = manifest;
            }
        }
        return Optional.ofNullable(best);
    }

    private static String variant(@Nullable Platform platform) {
        return platform == null || platform.variant() == null ? "" : platform.variant();
    }
}
