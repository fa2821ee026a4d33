package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;

/// How far a blob has come on its way from or to a registry.
///
/// @param doneBytes of `blob.sizeBytes()`; goes back where an upload starts again
public record Transfer(Access access, ImageReference image, Descriptor blob, long doneBytes) {}
