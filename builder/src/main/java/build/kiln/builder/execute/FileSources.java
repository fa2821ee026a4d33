package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.FileSource;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.snapshot.Snapshot;
import build.kiln.builder.snapshot.Snapshots;
import build.kiln.builder.source.BuildContext;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Opens what COPY and bind mounts read from: contexts, stages and images. What it opens stays open until the build
/// ends.
final class FileSources implements AutoCloseable {

    private final BuildJob job;
    private final StageRuns stages;
    private final LayerStore layers;
    private final Progress progress;
    private final Supplier<Snapshots> snapshots;
    private final SingleFlight<FileSource, BuildContext> opened = new SingleFlight<>();
    private final Map<FileSource, Snapshot> mounted = new ConcurrentHashMap<>();

    FileSources(BuildJob job, StageRuns stages, LayerStore layers, Progress progress, Supplier<Snapshots> snapshots) {
        this.job = job;
        this.stages = stages;
        this.layers = layers;
        this.progress = progress;
        this.snapshots = snapshots;
    }

    /// The identity of a source's whole content, where it is known without reading: of stages and images.
    Optional<Digest> identity(FileSource source) throws InterruptedException {
        Optional<Chain> chain = chain(source);
        return chain.map(layers -> {
            StringBuilder text = new StringBuilder("layers");
            layers.diffIds().forEach(id -> text.append('\n').append(id));
            return Digest.of(text.toString().getBytes(StandardCharsets.US_ASCII));
        });
    }

    /// The source's files.
    BuildContext open(FileSource source) throws InterruptedException {
        Optional<Chain> chain = chain(source);
        return opened.get(source, () -> switch (source) {
            case FileSource.Context() -> job.context().get();
            case FileSource.NamedContext(String name) -> named(name);
            case FileSource.Stage(int index) -> mount(source, chain.orElseThrow(), describe(index));
            case FileSource.Image(BaseImage image) ->
                mount(source, chain.orElseThrow(), "the image \"" + image.name() + "\"");
            case FileSource.Empty() -> mount(source, Chain.EMPTY, "nothing");
        });
    }

    /// What an ADD names that lies elsewhere.
    RemoteFiles remote() {
        return job.remote();
    }

    private Optional<Chain> chain(FileSource source) throws InterruptedException {
        return switch (source) {
            case FileSource.Stage(int index) -> Optional.of(stages.await(index));
            case FileSource.Image(BaseImage image) -> Optional.of(ofImage(image));
            case FileSource.Context(), FileSource.NamedContext _, FileSource.Empty() -> Optional.empty();
        };
    }

    /// The layers of an image that nobody has built here.
    static Chain ofImage(BaseImage image) {
        Chain chain = Chain.EMPTY;
        for (int i = 0; i < image.layers().size(); i++) {
            chain = chain.plus(new LayerRef.Base(
                    image.config().diffIds().get(i), image.layers().get(i), image.home()));
        }
        return chain;
    }

    private BuildContext named(String name) {
        Supplier<BuildContext> context = job.namedContexts().get(name);
        if (context == null) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "context \"" + name + "\"",
                    "the Dockerfile reads from it and nobody has given it.",
                    "Give it with --build-context " + name + "=FOLDER.");
        }
        return context.get();
    }

    private String describe(int stage) {
        PlannedStage planned = job.plan().stage(stage);
        return "stage \"" + planned.name() + "\"";
    }

    private BuildContext mount(FileSource source, Chain chain, String name) {
        BuildContext.Owners owners = UnpackedOwners.of(() -> layers.indexes(chain), name, progress::warning);
        Snapshot snapshot = snapshots.get().view(layers.directories(chain));
        mounted.put(source, snapshot);
        return BuildContext.ofRootFileSystem(snapshot.root(), name, owners);
    }

    @Override
    public void close() {
        mounted.values().forEach(Snapshot::close);
    }
}
