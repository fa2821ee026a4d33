package build.kiln.builder.execute;

import build.kiln.builder.cache.BlobCheck;
import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Says whose fault it is that a layer is not what it should be, and forgets what the cache volume has of it if it is
/// the volume's.
record BrokenLayers(Cache cache, BaseLayers bases, ImportedSteps imported, LayerForms forms) {

    /// Its bytes are no layer, not this one, or cannot be read.
    RuntimeException failure(LayerRef layer, IOException cause) {
        String fact = String.valueOf(cause.getMessage());
        return switch (layer) {
            case LayerRef.Base base ->
                isDamagedInCache(Optional.of(base.blob())) ? damaged(base) : bases.broken(base, cause);
            case LayerRef.Made made -> {
                Optional<Descriptor> foreign = forms.imported(made);
                yield foreign.isPresent() && !isDamagedInCache(forms.stored(made))
                        ? wrongInCache(made, foreign.get(), fact)
                        : damaged(made, fact);
            }
        };
    }

    /// What was packed has another identity than the layer had.
    RuntimeException changed(LayerRef.Made layer, DiffId seen) {
        Optional<Descriptor> foreign = forms.imported(layer);
        return foreign.isPresent()
                ? wrongInCache(
                        layer, foreign.get(), "It unpacks to " + seen + ", and " + layer.diffId() + " was expected.")
                : damaged(layer, "It was " + layer.diffId() + " when it was made, and is " + seen + " now.");
    }

    static PlatformFailure vanished(LayerRef.Made layer) {
        return new PlatformFailure(
                Reason.CacheLost,
                "",
                "The layer of \"" + layer.instruction() + "\" was in the cache when the build began and is gone now.",
                "Nobody may delete from the cache volume but with \"kiln cache prune\"; start the build again.");
    }

    private RegistryFailure wrongInCache(LayerRef.Made layer, Descriptor blob, String fact) {
        ImageReference from = imported.home(blob.digest()).orElseThrow();
        return new RegistryFailure(
                Reason.RegistryCorrupt,
                from.toString(),
                "the layer " + blob.digest() + ", which this cache names for \"" + layer.instruction()
                        + "\", is not what it says. " + fact,
                "Build without this cache, or have it written again.");
    }

    private boolean isDamagedInCache(Optional<Descriptor> blob) {
        Optional<Path> file = blob.flatMap(cache::blob);
        try {
            return file.isPresent()
                    && !BlobCheck.isIntact(file.get(), blob.orElseThrow().digest());
        } catch (IOException e) {
            return true;
        }
    }

    /// Forgets the blob, so that it is pulled again.
    private PlatformFailure damaged(LayerRef.Base layer) {
        cache.forgetBlob(layer.blob().digest());
        return new PlatformFailure(
                Reason.CacheLost,
                "",
                "The layer " + layer.blob().digest() + " of a base image was damaged in the cache, and is not used any"
                        + " more.",
                "\"kiln cache verify\" tells whether there is more that is damaged; start the build again.");
    }

    /// Forgets the layer in every form that is not what it says, so that its step runs again.
    private PlatformFailure damaged(LayerRef.Made layer, String fact) {
        cache.forgetLayer(layer.diffId());
        layer.blobs().values().forEach(blob -> cache.forgetBlob(blob.digest()));
        return new PlatformFailure(
                Reason.CacheLost,
                "",
                "The cached layer of \"" + layer.instruction() + "\" was damaged, and is not used any more. " + fact,
                "\"kiln cache verify\" tells whether there is more that is damaged; start the build again.");
    }
}
