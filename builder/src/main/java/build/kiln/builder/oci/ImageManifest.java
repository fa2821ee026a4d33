package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One image for one platform: its config and its layers, the lowest first. Or an artifact of another kind.
///
/// @param artifactType what it is, if it is no image
/// @param subject the manifest that it says something of; null if it stands for itself
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md">image-spec 1.1.1, Image
/// Manifest</a>
public record ImageManifest(
        String mediaType,
        @Nullable String artifactType,
        Descriptor config,
        List<Descriptor> layers,
        @Nullable Descriptor subject,
        Map<String, String> annotations) {

    public ImageManifest {
        layers = List.copyOf(layers);
        annotations = Json.sorted(annotations);
    }

    public ImageManifest(
            String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
        this(mediaType, null, config, layers, null, annotations);
    }

    /// An artifact that stands for itself.
    public ImageManifest(
            String mediaType,
            String artifactType,
            Descriptor config,
            List<Descriptor> layers,
            Map<String, String> annotations) {
        this(mediaType, artifactType, config, layers, null, annotations);
    }

    /// @throws IllegalArgumentException if the bytes are not an image manifest
    public static ImageManifest parse(byte[] json) {
        JsonNode node = Json.parse(json);
        List<Descriptor> layers = new ArrayList<>();
        node.path("layers").forEach(layer -> layers.add(Descriptor.read(layer)));
        String mediaType = Json.optionalText(node, "mediaType");
        return new ImageManifest(
                mediaType == null ? MediaTypes.OCI_MANIFEST : mediaType,
                Json.optionalText(node, "artifactType"),
                Descriptor.read(node.path("config")),
                layers,
                node.path("subject").isObject() ? Descriptor.read(node.path("subject")) : null,
                Json.strings(node.path("annotations")));
    }

    /// The canonical bytes; their digest is the manifest's digest.
    public byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("schemaVersion", 2);
        node.put("mediaType", mediaType);
        if (artifactType != null) {
            node.put("artifactType", artifactType);
        }
        node.set("config", config.write());
        ArrayNode all = node.putArray("layers");
        layers.forEach(layer -> all.add(layer.write()));
        if (subject != null) {
            node.set("subject", subject.write());
        }
        if (!annotations.isEmpty()) {
            node.set("annotations", Json.of(annotations));
        }
        return Json.bytes(node);
    }
}
