package build.kiln.builder.app;

import build.kiln.builder.execute.BuildJob;
import build.kiln.builder.execute.CacheTarget;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import java.util.List;

/// The caches of registries that a build reads and writes, besides its own volume.
///
/// @param imports of caches, or of images that have one in them; the first wins
record CacheExchange(List<ImageReference> imports, List<Export> exports, BuildJob.InlineCacheUse inline) {

    CacheExchange {
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
    }

    /// A cache to write.
    ///
    /// @param compression of layers that have no compressed form yet
    record Export(
            ImageReference reference,
            CacheTarget.Mode mode,
            Compression compression,
            CacheTarget.OnFailure onFailure) {}
}
