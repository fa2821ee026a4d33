package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /// The manifest that fits `wanted` best: the same variant and a version of the operating system that it runs, else
    /// the next lower one. Of two that are alike, the first.
    public Optional<Descriptor> select(Platform wanted) {
        PlatformChoice choice = new PlatformChoice(wanted);
        Descriptor best = null;
        int bestRank = Integer.MAX_VALUE;
        for (Descriptor manifest : manifests) {
            Platform platform = manifest.platform();
            int rank = platform == null ? -1 : choice.rank(platform);
            if (rank >= 0 && rank < bestRank) {
                best = manifest;
                bestRank = rank;
            }
        }
        return Optional.ofNullable(best);
    }
}
