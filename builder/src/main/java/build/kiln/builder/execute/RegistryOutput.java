package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.registry.BlobUpload;
import build.kiln.builder.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/// Pushes an image while it is being built: a large layer leaves while it is written, a small one when it is there.
public final class RegistryOutput implements BuildExecutor.LayerListener, AutoCloseable {

    /// A smaller blob is asked for and sent when it is whole, since there is little to win: a few milliseconds on a
    /// loopback, where a blob of 4 MiB wins 20 and one of 16 MiB 50.
    private static final long WORTH_A_STREAM_BYTES = 512 << 10;

    private final Registry registry;
    private final List<ImageReference> targets;
    private final List<ImageReference> repositories;
    private final Map<String, List<ImageReference>> byRegistry;
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private final Progress progress;
    private final Clock clock;
    private final Uploads uploads = new Uploads();

    /// A blob that is sent while it is made.
    private record Stream(ImageReference repository, BlobBeingMade blob, Future<?> sending) {}

    /// @param targets all names that the image gets, at least one; a name without a tag becomes `latest`
    public RegistryOutput(Registry registry, List<ImageReference> targets, Progress progress, Clock clock) {
        this.registry = registry;
        this.targets = List.copyOf(targets);
        this.progress = progress;
        this.clock = clock;
        Map<String, ImageReference> byRepository = new LinkedHashMap<>();
        targets.forEach(target -> byRepository.putIfAbsent(target.name(), target));
        repositories = List.copyOf(byRepository.values());
        byRegistry = repositories.stream().collect(Collectors.groupingBy(ImageReference::registry));
    }

    /// Finds out whether the registries will take the image, before anything is built. A registry that cannot tell now
    /// stops nothing: it may be there again when the image is.
    ///
    /// @throws RegistryFailure `PushDenied`
    public void check() {
        for (ImageReference repository : repositories) {
            Progress.Activity activity = progress.start("[internal] check push permission for " + repository.name());
            Instant start = clock.instant();
            try {
                registry.checkPush(repository);
                activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            } catch (BuildFailure e) {
                if (e.reason() != Reason.RegistryUnavailable) {
                    activity.failed(e.getMessage());
                    throw e;
                }
                activity.done(StepResult.ran(Duration.between(start, clock.instant())));
                progress.warning("Whether " + repository.name()
                        + " may be pushed to is not known yet, and the build goes" + " on. " + e.getMessage());
            }
        }
    }

    @Override
    public void layer(LayerRef layer, LayerSource source) {
        if (layer instanceof LayerRef.Base base
                && base.home() instanceof ImageHome.Repository(ImageReference from)
                && repositories.stream().anyMatch(to -> !to.registry().equals(from.registry()))) {
            source.announceCopy(base);
        }
        for (List<ImageReference> there : byRegistry.values()) {
            uploads.start(() -> upload(there, layer, source));
        }
    }

    /// Sends a layer to one repository of a registry; from there the others mount it.
    private void upload(List<ImageReference> there, LayerRef layer, LayerSource source) {
        Descriptor blob = source.blob(layer);
        List<ImageReference> knownIn = new ArrayList<>(source.knownIn(layer, blob));
        for (ImageReference repository : there) {
            awaitStream(repository, blob.digest());
            registry.push(repository, blob, knownIn, () -> source.openVerified(layer, blob));
            knownIn.addFirst(repository);
        }
    }

    @Override
    public void begins(BlobBeingMade blob) {
        for (List<ImageReference> there : byRegistry.values()) {
            ImageReference repository = there.getFirst();
            if (registry.takesStreams(repository)) {
                begin(repository, blob);
            }
        }
    }

    private void begin(ImageReference repository, BlobBeingMade blob) {
        InputStream bytes;
        try {
            bytes = blob.follow();
        } catch (IOException e) {
            return; // it is sent when it is whole
        }
        streams.add(new Stream(repository, blob, uploads.start(() -> stream(repository, blob, bytes))));
    }

    /// Whatever goes wrong here is nobody's failure: what the registry does not have by then is pushed from the cache.
    private void stream(ImageReference repository, BlobBeingMade blob, InputStream bytes) {
        try (bytes;
                BlobUpload upload = registry.upload(repository)) {
            if (blob.isLargerThan(WORTH_A_STREAM_BYTES)) {
                upload.send(bytes);
                blob.descriptor().ifPresent(upload::finish);
            }
        } catch (IOException | CancellationException e) {
            // The layer cannot be read, or is not made.
        }
    }

    private void awaitStream(ImageReference repository, Digest blob) {
        for (Stream stream : streams) {
            boolean isIt = stream.repository().equals(repository)
                    && stream.blob()
                            .descriptor()
                            .filter(whole -> whole.digest().equals(blob))
                            .isPresent();
            if (isIt) {
                try {
                    stream.sending().get();
                } catch (ExecutionException e) {
                    throw new Defect("A layer's upload ended with an unexpected error: " + e.getCause(), e.getCause());
                } catch (InterruptedException e) {
                    throw StageRuns.interrupted(e);
                }
            }
        }
    }

    /// What is done when an image is stored by its digest, and before a tag leads to it.
    public interface BeforeTags {

        /// @throws BuildFailure if no tag may lead to the image
        void run() throws InterruptedException;
    }

    /// Sends what is left, then manifests and index by their digests, and at last lets the tags point to them.
    ///
    /// @return the first target by digest
    /// @throws BuildFailure if anything could not be sent, or what is done before forbids it; no tag has moved then
    public ImageReference finish(BuiltImages built, BeforeTags before) {
        return finish(built, before, targets);
    }

    /// Sends what is left, then manifests and index by their digests. No tag leads to them.
    ///
    /// @return the first target by digest
    /// @throws BuildFailure if anything could not be sent, or what is done before a tag would lead to it fails
    public ImageReference finishWithoutTags(BuiltImages built, BeforeTags before) {
        return finish(built, before, List.of());
    }

    private ImageReference finish(BuiltImages built, BeforeTags before, List<ImageReference> tags) {
        progress.pushing(targets.getFirst().toString());
        Progress.Activity activity = progress.start("pushing " + targets.getFirst());
        Instant start = clock.instant();
        try {
            store(built);
            before.run();
            for (ImageReference target : tags) {
                registry.tag(target.withTag(target.tagOrLatest()), built.descriptor(), built.json());
            }
        } catch (StepFailure e) {
            activity.failed("The image has not passed, and no tag leads to it.");
            throw e;
        } catch (BuildFailure e) {
            activity.failed(e.getMessage());
            throw e;
        } catch (InterruptedException e) {
            activity.failed("stopped");
            throw StageRuns.interrupted(e);
        }
        activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        return targets.getFirst().withDigest(built.descriptor().digest());
    }

    /// Stores an artifact that says something of what was pushed, beside it in each repository.
    ///
    /// @param title for the progress
    /// @param blobs all that the manifest names
    /// @throws RegistryFailure if a registry does not take it
    public void attach(String title, ImageManifest manifest, Map<Descriptor, byte[]> blobs) {
        Progress.Activity activity = progress.start(title);
        Instant start = clock.instant();
        try {
            for (ImageReference repository : repositories) {
                blobs.forEach((blob, bytes) -> registry.push(repository, blob, bytes));
                registry.attach(repository, manifest);
            }
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        } catch (BuildFailure e) {
            activity.failed(e.getMessage());
            throw e;
        }
    }

    private void store(BuiltImages built) throws InterruptedException {
        for (ImageReference repository : repositories) {
            for (BuiltImage image : built.images()) {
                Descriptor config = image.manifest().config();
                uploads.start(
                        () -> registry.push(repository, config, image.config().toJson()));
            }
        }
        uploads.await();
        repositories.forEach(repository -> uploads.start(() -> pushManifests(repository, built)));
        uploads.await();
    }

    /// The failure of [#finish] where a later build finds all steps in the cache: nothing but the push has to be done
    /// again.
    public static RegistryFailure pending(RegistryFailure failure) {
        return failure.reason() != Reason.RegistryUnavailable
                ? failure
                : new RegistryFailure(
                        Reason.PushPending,
                        "",
                        "All steps are done and kept in the cache; only the push is left. " + failure.getMessage(),
                        "The next build sends what is there, and runs no step again.",
                        failure);
    }

    private void pushManifests(ImageReference repository, BuiltImages built) {
        for (BuiltImage image : built.images()) {
            registry.pushManifest(
                    repository, image.manifest().mediaType(), image.manifest().toJson());
        }
        if (built.isIndex()) {
            registry.pushManifest(repository, built.descriptor().mediaType(), built.json());
        }
    }

    /// Ends uploads that nobody waits for any more.
    @Override
    public void close() {
        uploads.close();
    }
}
