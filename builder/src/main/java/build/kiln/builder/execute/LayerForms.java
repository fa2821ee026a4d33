package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.oci.Descriptor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// In which compressed forms a layer that a step has made is to be had.
record LayerForms(Cache cache, ImportedSteps imported) {

    /// Whether the blob is in the cache volume or in a cache in a registry.
    boolean isThere(@Nullable Descriptor blob) {
        return blob != null
                && (cache.blob(blob).isPresent() || imported.home(blob.digest()).isPresent());
    }

    /// One that is in the cache volume.
    Optional<Descriptor> stored(LayerRef.Made layer) {
        return layer.blobs().values().stream()
                .filter(blob -> cache.blob(blob).isPresent())
                .findFirst();
    }

    /// One that is in a cache in a registry.
    Optional<Descriptor> imported(LayerRef.Made layer) {
        return layer.blobs().values().stream()
                .filter(blob -> imported.home(blob.digest()).isPresent())
                .findFirst();
    }
}
