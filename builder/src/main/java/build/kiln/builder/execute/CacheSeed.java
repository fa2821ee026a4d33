package build.kiln.builder.execute;

import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;

/// What a cache mount starts with: `--mount=type=cache,from=…`.
///
/// @param files nobody changes them
/// @param identity of the files: caches that start with something else are other caches
record CacheSeed(Path files, Digest identity) {

    /// Copies the files with all that belongs to them.
    ///
    /// @param folder empty, and nobody else's
    void copyInto(Path folder) throws IOException {
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            Changeset.of(files, OverlayXattrs.USER).writeTo(directory);
            directory.finish();
        }
    }
}
