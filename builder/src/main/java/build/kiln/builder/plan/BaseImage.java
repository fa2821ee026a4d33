package build.kiln.builder.plan;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import java.util.List;

/// An image that the build reads, as its registry (or layout folder) had it when the plan was made.
///
/// @param name as the Dockerfile has it, after expansion
/// @param home where its blobs are
/// @param manifest the digest of the manifest for the plan's platform
/// @param layers compressed, the lowest first; as many as the config has DiffIDs
public record BaseImage(String name, ImageHome home, Digest manifest, ImageConfig config, List<Descriptor> layers) {

    public BaseImage {
        layers = List.copyOf(layers);
        if (layers.size() != config.diffIds().size()) {
            throw new IllegalArgumentException("the manifest has " + layers.size() + " layers and the config "
                    + config.diffIds().size());
        }
    }
}
