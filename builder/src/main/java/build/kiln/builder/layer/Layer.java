package build.kiln.builder.layer;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;

/// A layer that has been written.
///
/// @param blob the compressed tar, as a manifest names it
/// @param tarSizeBytes of the uncompressed tar
public record Layer(Descriptor blob, DiffId diffId, long tarSizeBytes, LayerIndex index) {}
