package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.KnownContents;
import build.kiln.builder.exchange.InlineCache;
import build.kiln.builder.exchange.SharedStep;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.StageBase;
import build.kiln.builder.plan.Step;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.sandbox.Sandbox;
import build.kiln.builder.snapshot.Snapshots;
import build.kiln.builder.source.ContextDigest;
import build.kiln.builder.source.FileDigests;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// Builds a plan: every step from the cache, or run, recorded, and handed on.
public final class BuildExecutor implements AutoCloseable {

    private final Cache cache;
    private final Registry registry;
    private final ImportedSteps imported;
    private final Supplier<Snapshots> snapshots;
    private final Supplier<Sandbox> sandbox;
    private final VolumeRoom room;
    private final Progress progress;
    private final Clock clock;
    private final Map<Step, StepResult> results = new ConcurrentHashMap<>();
    private final Map<Step, KnownStep> known = new ConcurrentHashMap<>();
    private final Afterwards afterwards = new Afterwards();

    /// @param snapshots made when the first file system has to be mounted; it needs namespaces
    /// @param sandbox made when the first RUN is not in the cache
    /// @param room for what RUNs write
    public BuildExecutor(
            Cache cache,
            Registry registry,
            ImportedSteps imported,
            Supplier<Snapshots> snapshots,
            Supplier<Sandbox> sandbox,
            VolumeRoom room,
            Progress progress,
            Clock clock) {
        this.cache = cache;
        this.registry = registry;
        this.imported = imported;
        this.snapshots = snapshots;
        this.sandbox = sandbox;
        this.room = room;
        this.progress = progress;
        this.clock = clock;
    }

    /// Takes each layer of the final image as soon as it is known, from the thread that made it. Must not block.
    public interface LayerListener {
        void layer(LayerRef layer, LayerSource source);

        /// A blob that will be part of the image, if its step succeeds, is about to be written.
        default void begins(BlobBeingMade blob) {}
    }

    /// Builds the job's target.
    ///
    /// @param listener hears of the final image's layers, the base's first
    /// @throws build.kiln.builder.failure.BuildFailure of whatever kind
    public BuiltImage build(BuildJob job, LayerListener listener) {
        progress.planned(job.plan());
        LayerStore layers = new LayerStore(cache, registry, imported, job.compressor(), progress, clock);
        KnownContents contents = cache.knownContents();
        StageRuns stages = new StageRuns(job.plan());
        FileSources sources = new FileSources(job, stages, layers, progress, snapshots);
        try {
            StageRunner runner = new StageRunner(
                    job,
                    cache,
                    imported,
                    layers,
                    new LayerMaker(cache, layers, job.epoch(), job.compressor(), listener::begins),
                    new StepTurns(cache, job, clock),
                    sources,
                    new ContextDigest(new FileDigests(contents, clock)),
                    snapshots,
                    sandbox,
                    room,
                    progress,
                    clock,
                    stages,
                    afterwards,
                    inImage(job),
                    listener,
                    results,
                    known);
            Chain chain = stages.runAll(runner::run);
            return image(job, chain, layers);
        } catch (InterruptedException e) {
            throw StageRuns.interrupted(e);
        } finally {
            stages.close(); // nobody reads any more
            afterwards.run(sources::close);
            afterwards.run(contents::close);
        }
    }

    /// Waits until what it has read is given back, and what it has learnt is kept.
    @Override
    public void close() {
        afterwards.close();
    }

    /// The steps that are done so far, in the order of the Dockerfile.
    public List<FinishedStep> finished(BuildJob job) {
        return inOrder(
                job, step -> Optional.ofNullable(results.get(step)).map(result -> new FinishedStep(step, result)));
    }

    private static <T> List<T> inOrder(BuildJob job, Function<Step, Optional<T>> of) {
        return job.plan().stages().stream()
                .flatMap(stage -> stage.steps().stream())
                .flatMap(step -> of.apply(step).stream())
                .toList();
    }

    /// The stages whose layers the image has: the target, what it starts from, and so on.
    private static Set<Integer> inImage(BuildJob job) {
        Set<Integer> all = new HashSet<>();
        PlannedStage stage = job.plan().target();
        while (true) {
            all.add(stage.index());
            if (!(stage.base() instanceof StageBase.Stage(int below))) {
                return all;
            }
            stage = job.plan().stage(below);
        }
    }

    private BuiltImage image(BuildJob job, Chain chain, LayerStore layers) {
        ImageConfig finished = job.plan().target().finished(chain.diffIds(), job.epoch());
        ImageConfig config =
                job.epochOrigin() == BuildJob.EpochOrigin.OUTPUT ? finished.notAfter(job.epoch()) : finished;
        byte[] json = config.toJson();
        List<Descriptor> blobs = chain.layers().stream()
                .map(layers::blob)
                .map(blob -> new Descriptor(MediaTypes.ociLayer(blob.mediaType()), blob.digest(), blob.sizeBytes()))
                .toList();
        List<KnownStep> steps = inOrder(job, step -> Optional.ofNullable(known.get(step)));
        ImageManifest manifest = new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(json), json.length),
                blobs,
                annotations(job, steps, layers));
        return new BuiltImage(
                manifest, config, job.descriptorAnnotations(), chain.layers(), layers, finished(job), steps);
    }

    /// Only the quick keys: the others are known to a build that had to look for them, and the image must not differ.
    private static Map<String, String> annotations(BuildJob job, List<KnownStep> steps, LayerStore layers) {
        if (job.inlineCache() == BuildJob.InlineCacheUse.LEFT_OUT) {
            return job.annotations();
        }
        List<SharedStep> shared = new ArrayList<>();
        for (KnownStep step : steps) {
            if (step.isInImage()) {
                LayerSource.Packed packed = layers.inImage(step.layer());
                shared.add(step.shared(List.of(step.quick()), packed.recipe(), packed.blob()));
            }
        }
        return InlineCache.annotations(job.annotations(), shared);
    }
}
