package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.source.layout.LayoutAddress;
import build.kiln.builder.source.layout.LayoutFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// The layers of base images where they come from: a registry, or a layout folder.
record BaseLayers(SharedPulls registries) {

    /// The bytes of the layer. The caller closes the stream.
    InputStream open(LayerRef.Base layer, Descriptor blob) {
        return switch (layer.home()) {
            case ImageHome.Repository(ImageReference image) -> registries.open(image, blob);
            case ImageHome.LayoutFolder(Path folder, var _) -> layout(folder).open(blob);
        };
    }

    /// The repositories that have the layer.
    List<ImageReference> knownIn(LayerRef.Base layer) {
        return switch (layer.home()) {
            case ImageHome.Repository(ImageReference image) -> List.of(image);
            case ImageHome.LayoutFolder _ -> List.of();
        };
    }

    /// The layer's bytes are those that the manifest names, and are no layer.
    BuildFailure broken(LayerRef.Base layer, IOException cause) {
        String fact = String.valueOf(cause.getMessage());
        return switch (layer.home()) {
            case ImageHome.Repository(ImageReference image) ->
                new RegistryFailure(
                        Reason.RegistryCorrupt,
                        image.toString(),
                        "the layer " + layer.blob().digest() + " is broken. " + fact,
                        "Push the base image again, or use another one.",
                        cause);
            case ImageHome.LayoutFolder(Path folder, var _) ->
                layout(folder).corrupt("the layer " + layer.blob().digest() + " is none: " + fact);
        };
    }

    private static LayoutFolder layout(Path folder) {
        return new LayoutFolder(folder, LayoutAddress.SCHEME + folder);
    }
}
