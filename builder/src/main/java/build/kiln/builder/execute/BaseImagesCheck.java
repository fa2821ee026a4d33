package build.kiln.builder.execute;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Looks whether the names of base images still lead to what they led to.
public final class BaseImagesCheck {

    private final Registry registry;
    private final Progress progress;
    private final Clock clock;

    public BaseImagesCheck(Registry registry, Progress progress, Clock clock) {
        this.registry = registry;
        this.progress = progress;
        this.clock = clock;
    }

    /// One question a name, and no document is read. A name that has its digest in it cannot move, and is not asked
    /// for.
    ///
    /// @param known what the names led to when that was last seen
    /// @return those that lead to something else, with what that is, in the same order
    /// @throws build.kiln.builder.failure.RegistryFailure if a registry does not say
    public Map<ImageReference, Digest> moved(Map<ImageReference, Digest> known) {
        Map<ImageReference, Digest> moved = new LinkedHashMap<>();
        known.forEach((image, before) -> {
            if (image.digest() == null) {
                Digest now = ask(image);
                if (!now.equals(before)) {
                    moved.put(image, now);
                }
            }
        });
        return moved;
    }

    private Digest ask(ImageReference image) {
        Progress.Activity activity = progress.start("looking up " + image);
        Instant start = clock.instant();
        try {
            Digest digest = registry.digest(image);
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return digest;
        } catch (RuntimeException e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }
}
