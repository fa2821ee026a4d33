package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.MergedLayers;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.PulledImage;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.Unwritable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// The root file system of an image in a registry, as a build context.
///
/// Owners are those of the image. The revision is the digest of what the name led to: the index, or the manifest where
/// there is none. The time is the one at which the image was created, if it says so.
///
/// @param platform of the image, where there are several
/// @param place where the user named it
public record ImageFiles(RegistrySettings settings, ImageReference image, Platform platform, String place)
        implements Source {

    private static final long MOST_BYTES = 64L << 30;

    @Override
    public SourceTree obtain(Path work) {
        try (Registry registry = Registry.open(settings)) {
            PulledImage pulled = registry.image(image, platform);
            Path folder = Files.createDirectory(work.resolve("files"));
            long leftOut = unpack(registry, pulled, folder, work.resolve("layer"));
            List<String> warnings = leftOut == 0
                    ? List.of()
                    : List.of(leftOut + " owners, attributes or devices of the image " + image
                            + " are not allowed here, and were left out.");
            return new SourceTree(
                    folder,
                    Objects.requireNonNullElse(
                                    pulled.image().digest(), pulled.descriptor().digest())
                            .toString(),
                    pulled.config().created(),
                    warnings,
                    BuildContext.Owners.KEPT);
        } catch (RegistryFailure e) {
            throw new RegistryFailure(e.reason(), place, String.valueOf(e.getMessage()), "", e);
        } catch (InvalidLayer e) {
            throw new SourceFailure(
                    Reason.SourceCorrupt,
                    place,
                    "the image " + image + " is broken: " + e.getMessage(),
                    "Push it again.",
                    e);
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
    }

    private static long unpack(Registry registry, PulledImage pulled, Path folder, Path blob) throws IOException {
        try (MergedLayers layers = MergedLayers.open(folder, Fidelity.AS_FAR_AS_ALLOWED, MOST_BYTES)) {
            List<Descriptor> all = pulled.manifest().layers();
            for (int i = 0; i < all.size(); i++) {
                try (InputStream bytes = registry.pull(pulled.image(), all.get(i))) {
                    Files.copy(bytes, blob);
                }
                layers.apply(
                        () -> Files.newInputStream(blob),
                        pulled.config().diffIds().get(i));
                Files.delete(blob);
            }
            return layers.finish();
        }
    }
}
