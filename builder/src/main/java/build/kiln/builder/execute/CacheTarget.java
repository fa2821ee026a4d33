package build.kiln.builder.execute;

import build.kiln.builder.layer.Compressor;
import build.kiln.builder.oci.ImageReference;

/// A cache in a registry that is written after the build.
///
/// @param compressor of layers that have no compressed form yet
public record CacheTarget(ImageReference reference, Mode mode, Compressor compressor, OnFailure onFailure) {

    /// Which steps are written.
    public enum Mode {
        /// Those whose layers the image has.
        MIN,
        /// All, those of other stages too.
        MAX
    }

    /// What it means for the build if the cache cannot be written.
    public enum OnFailure {
        /// The build has failed, although the image is pushed.
        FAIL,
        /// A warning.
        WARN
    }
}
