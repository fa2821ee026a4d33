package build.kiln.builder.execute;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.BaseImages;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.registry.PulledImage;
import build.kiln.builder.registry.Registry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Base images from their registries: manifest and config, no layer.
public final class RegistryImages implements BaseImages {

    private final Registry registry;
    private final Progress progress;
    private final Clock clock;

    public RegistryImages(Registry registry, Progress progress, Clock clock) {
        this.registry = registry;
        this.progress = progress;
        this.clock = clock;
    }

    @Override
    public BaseImage resolve(String name, Platform platform, String place) {
        ImageReference reference = ImageReference.parse(name);
        Progress.Activity activity = progress.start("[internal] load metadata for " + reference);
        Instant start = clock.instant();
        try {
            PulledImage pulled = registry.image(reference, platform);
            BaseImage image = new BaseImage(
                    name,
                    new ImageHome.Repository(pulled.image()),
                    pulled.descriptor().digest(),
                    pulled.config(),
                    pulled.manifest().layers());
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return image;
        } catch (RegistryFailure e) {
            RegistryFailure placed = new RegistryFailure(e.reason(), place, e.getMessage(), "", e);
            activity.failed(placed.getMessage());
            throw placed;
        }
    }
}
