package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;

/// One image for one platform, without its layers.
///
/// @param image the name with the digest of what it led to: the index, or the manifest where there is none
/// @param descriptor of the manifest
/// @param configJson the exact bytes of which the digest is in the manifest
public record PulledImage(
        ImageReference image, Descriptor descriptor, ImageManifest manifest, ImageConfig config, byte[] configJson) {}
