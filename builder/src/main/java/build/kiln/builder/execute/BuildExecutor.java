package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Builds a plan: every step from the cache, or run, recorded, and handed on.
public final class BuildExecutor {

    private final Cache cache;
    private final Registry registry;
    private final Supplier<Snapshots> snapshots;
    private final Supplier<Sandbox> sandbox;
    private final Progress progress;
    private final Clock clock;
    private final Map<Step, StepResult> results = new ConcurrentHashMap<>();

    /// @param snapshots made when the first file system has to be mounted; it needs namespaces
    /// @param sandbox made when the first RUN is not in the cache
    public BuildExecutor(
            Cache cache,
            Registry registry,
            Supplier<Snapshots> snapshots,
            Supplier<Sandbox> sandbox,
            Progress progress,
            Clock clock) {
        this.cache = cache;
        this.registry = registry;
        this.snapshots = snapshots;
        this.sandbox = sandbox;
        this.progress = progress;
        this.clock = clock;
    }

    /// Takes each layer of the final image as soon as it is known, from the thread that made it. Must not block.
    public interface LayerListener {
        void layer(LayerRef layer, LayerSource source);
    }

    /// Builds the job's target.
    ///
    /// @param listener hears of the final image's layers, the base's first
    /// @throws build.kiln.builder.failure.BuildFailure of whatever kind
    public BuiltImage build(BuildJob job, LayerListener listener) {
        progress.planned(job.plan());
        LayerStore layers = new LayerStore(cache, registry, job.compressor(), progress, clock);
        try (StageRuns stages = new StageRuns(job.plan());
                FileSources sources = new FileSources(job, stages, layers, snapshots)) {
            StageRunner runner = new StageRunner(
                    job,
                    cache,
                    layers,
                    new LayerMaker(cache, layers, job.epoch(), job.compressor()),
                    new StepTurns(cache, job, progress, clock),
                    sources,
                    new ContextDigest(new FileDigests(FileDigests.NO_STORE, clock)),
                    snapshots,
                    sandbox,
                    progress,
                    clock,
                    stages,
                    inImage(job),
                    listener,
                    results);
            Chain chain = stages.runAll(runner::run);
            return image(job, chain, layers);
        } catch (InterruptedException e) {
            throw StageRuns.interrupted(e);
        }
    }

    /// The steps that are done so far, in the order of the Dockerfile.
    public List<FinishedStep> finished(BuildJob job) {
        List<FinishedStep> all = new ArrayList<>();
        for (PlannedStage stage : job.plan().stages()) {
            for (Step step : stage.steps()) {
                StepResult result = results.get(step);
                if (result != null) {
                    all.add(new FinishedStep(step, result));
                }
            }
        }
        return all;
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
        ImageManifest manifest = new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(json), json.length),
                blobs,
                job.annotations());
        return new BuiltImage(manifest, config, chain.layers(), layers, finished(job));
    }
}
