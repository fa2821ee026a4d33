package build.kiln.builder.execute;

import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.BaseImages;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.source.layout.LayoutAddress;
import build.kiln.builder.source.layout.LayoutFolder;
import build.kiln.builder.source.layout.LayoutImage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Base images from layout folders, as named contexts give them; all others from where they are otherwise.
///
/// @param others answers for every name that is no `oci-layout://`
public record LayoutImages(BaseImages others, Progress progress, Clock clock) implements BaseImages {

    @Override
    public BaseImage resolve(String name, Platform platform, String place) {
        if (!name.startsWith(LayoutAddress.SCHEME)) {
            return others.resolve(name, platform, place);
        }
        Progress.Activity activity = progress.start("[internal] load metadata for " + name);
        Instant start = clock.instant();
        try {
            LayoutAddress address = LayoutAddress.parse(name.substring(LayoutAddress.SCHEME.length()), place);
            LayoutImage image = new LayoutFolder(address.folder(), place).image(address, platform);
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return new BaseImage(
                    name,
                    new ImageHome.LayoutFolder(address.folder(), image.named()),
                    image.digest(),
                    image.config(),
                    image.manifest().layers());
        } catch (SourceFailure e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }
}
