package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;

/// What a name led to.
///
/// @param image the name with the digest of what it led to
/// @param descriptor of the index or manifest
/// @param json its exact bytes, of which the digest was checked
public record Resolved(ImageReference image, Descriptor descriptor, byte[] json) {

    public boolean isIndex() {
        return MediaTypes.isIndex(descriptor.mediaType());
    }
}
