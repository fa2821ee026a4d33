package build.kiln.builder.execute;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import java.util.List;
import java.util.Map;

/// The image that a build made, all but sent.
///
/// @param descriptorAnnotations of what names the manifest
/// @param layers the lowest first
/// @param bytes where the layers' bytes are
/// @param steps in the order of the Dockerfile
/// @param known the same steps as another build would find them again
public record BuiltImage(
        ImageManifest manifest,
        ImageConfig config,
        Map<String, String> descriptorAnnotations,
        List<LayerRef> layers,
        LayerSource bytes,
        List<FinishedStep> steps,
        List<KnownStep> known) {

    public BuiltImage {
        layers = List.copyOf(layers);
        steps = List.copyOf(steps);
        known = List.copyOf(known);
    }

    /// Of the manifest, with its platform.
    public Descriptor descriptor() {
        byte[] json = manifest.toJson();
        return new Descriptor(manifest.mediaType(), Digest.of(json), json.length)
                .withPlatform(config.platform())
                .withAnnotations(descriptorAnnotations);
    }

    /// The config and all compressed layers together.
    public long sizeBytes() {
        return manifest.config().sizeBytes()
                + manifest.layers().stream().mapToLong(Descriptor::sizeBytes).sum();
    }
}
