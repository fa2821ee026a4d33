package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.exchange.RegistryCache;
import build.kiln.builder.exchange.SharedStep;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Writes what a build knows of its steps to caches in registries, with the layers that those lack.
public final class CacheExport {

    private static final String CACHE = "cache ";

    private final Registry registry;
    private final Cache cache;
    private final List<ImageReference> pushed;
    private final Progress progress;
    private final Clock clock;

    /// @param cache remembers the layers that are compressed for this
    /// @param pushed where the image has been pushed to: its layers need not be sent again there
    public CacheExport(Registry registry, Cache cache, List<ImageReference> pushed, Progress progress, Clock clock) {
        this.registry = registry;
        this.cache = cache;
        this.pushed = List.copyOf(pushed);
        this.progress = progress;
        this.clock = clock;
    }

    /// Finds out before the build whether the registry will take the cache.
    ///
    /// @throws RegistryFailure `PushDenied`, if the target says that this matters
    public void check(CacheTarget target) {
        try {
            registry.checkPush(target.reference());
        } catch (RegistryFailure e) {
            if (e.reason() == Reason.PushDenied && target.onFailure() == CacheTarget.OnFailure.FAIL) {
                throw new RegistryFailure(e.reason(), CACHE + target.reference(), e.getMessage(), "", e);
            }
            // What is only down may be up again when the image is done.
        }
    }

    /// @throws BuildFailure if it cannot be written and the target says that this matters
    public void write(BuiltImages built, CacheTarget target) {
        Progress.Activity activity = progress.start("exporting cache to " + target.reference());
        Instant start = clock.instant();
        try (Uploads uploads = new Uploads()) {
            List<SharedStep> steps = new ArrayList<>();
            for (BuiltImage image : built.images()) {
                for (KnownStep step : image.known()) {
                    if (step.isInImage() || target.mode() == CacheTarget.Mode.MAX) {
                        steps.add(send(target, image.bytes(), step, uploads));
                    }
                }
            }
            uploads.await();
            if (steps.isEmpty()) {
                activity.note("no step made a layer: nothing is written");
            } else {
                RegistryCache.write(registry, target.reference(), steps);
                activity.note(steps.size() + " steps");
            }
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        } catch (BuildFailure e) {
            activity.failed(e.getMessage());
            BuildFailure explained = explained(target, e);
            if (target.onFailure() == CacheTarget.OnFailure.FAIL) {
                throw explained;
            }
            progress.warning(explained.getMessage());
        } catch (InterruptedException e) {
            activity.failed("stopped");
            throw StageRuns.interrupted(e);
        }
    }

    private SharedStep send(CacheTarget target, LayerSource source, KnownStep step, Uploads uploads) {
        LayerSource.Packed packed =
                step.isInImage() ? source.inImage(step.layer()) : source.packed(step.layer(), target.compressor());
        Descriptor blob = packed.blob();
        List<ImageReference> knownIn = new ArrayList<>(source.knownIn(step.layer(), blob));
        if (step.isInImage()) {
            knownIn.addAll(pushed);
        }
        uploads.start(
                () -> registry.push(target.reference(), blob, knownIn, () -> source.openVerified(step.layer(), blob)));
        if (step.origin() == KnownStep.Origin.VOLUME
                && !blob.equals(step.record().blobs().get(packed.recipe()))) {
            cache.record(step.quick(), step.record().withBlob(packed.recipe(), blob));
        }
        return step.shared(step.keys(), packed.recipe(), blob);
    }

    private static BuildFailure explained(CacheTarget target, BuildFailure e) {
        if (!(e instanceof RegistryFailure)) {
            return e;
        }
        Reason reason = e.reason();
        return new RegistryFailure(
                reason,
                CACHE + target.reference(),
                "The image is complete, and its cache could not be written. " + e.getMessage(),
                "",
                e);
    }
}
