package build.kiln.builder.source.layout;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;

/// One image for one platform, without its layers.
///
/// @param named what the address led to: the index, or the manifest where there is none
/// @param digest of the manifest
public record LayoutImage(Digest named, Digest digest, ImageManifest manifest, ImageConfig config) {}
