package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.execute.BuildExecutor;
import build.kiln.builder.execute.BuildJob;
import build.kiln.builder.execute.BuiltImage;
import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.CacheExport;
import build.kiln.builder.execute.CacheTarget;
import build.kiln.builder.execute.FinishedStep;
import build.kiln.builder.execute.ImportedSteps;
import build.kiln.builder.execute.LayoutImages;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RegistryImages;
import build.kiln.builder.execute.RegistryOutput;
import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.execute.Verification;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.BaseImages;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.plan.Planner;
import build.kiln.builder.provenance.Statement;
import build.kiln.builder.registry.Access;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.ReadFiles;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build from its source to its outputs. What it found out on the way can be asked for after a failure, too.
final class Build implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Build.class);

    private final BuildSetup setup;
    private final Progress progress;
    private final Clock clock;
    private final Registry registry;
    private final Confinement confinement;
    private final Supplier<Compressor> compressor;
    private @Nullable SourceTree tree;
    private @Nullable Origins origins;
    private final Instant started;
    private @Nullable BuildPlace opened;
    private boolean closed;
    private final List<Plan> plans = new ArrayList<>();
    private final List<Running> running = new ArrayList<>();

    /// One platform's build.
    private record Running(BuildJob job, BuildExecutor executor) {}

    Build(BuildSetup setup, Confinement confinement, Progress progress, Clock clock) {
        this.setup = setup;
        this.progress = progress;
        this.clock = clock;
        this.registry = Registry.open(setup.registries());
        this.confinement = confinement;
        this.started = clock.instant();
        this.compressor = once(() -> Compressor.of(setup.compression()));
    }

    /// What a build made.
    ///
    /// @param pushed the first name that it was pushed to, by digest; empty if it was not pushed
    record Result(BuiltImages built, List<ImageReference> names, Optional<ImageReference> pushed) {}

    /// Obtains, plans, builds, pushes and writes.
    ///
    /// @throws build.kiln.builder.failure.BuildFailure of whatever kind
    Result run() {
        List<BuildJob> jobs;
        try (RegistryOutput push = new RegistryOutput(registry, setup.push(), progress, clock)) {
            setup.push().forEach(target -> registry.prefetch(target, Access.PUSH));
            ahead(() -> {
                openPlace();
                return compressor.get();
            });
            confinement.requireMinimum();
            if (setup.verification() instanceof Verification asked) {
                confinement.requireRun(asked.place());
            }
            jobs = prepare(() -> place().cache());
            push.check();
        }
        BuildPlace place = place();
        while (true) {
            try {
                return run(jobs, place);
            } catch (PlatformFailure e) {
                if (!place.canGoOn(e)) {
                    throw e;
                }
                closeExecutors();
                running.clear();
            }
        }
    }

    private void closeExecutors() {
        running.forEach(one -> one.executor().close());
    }

    private synchronized BuildPlace place() {
        BuildPlace place = opened;
        if (place == null) {
            place = BuildPlace.open(setup, confinement, progress);
            opened = place;
        }
        return place;
    }

    /// Begins with something that is going to be asked for, on another processor. What goes wrong comes up again when
    /// it
    /// is asked for.
    private static void ahead(Supplier<?> work) {
        Thread.ofPlatform().daemon().name("ahead").start(() -> {
            try {
                var unused = work.get();
            } catch (RuntimeException e) {
                LOG.debug("It will be said when it matters: {}", e.toString());
            }
        });
    }

    private synchronized void openPlace() {
        if (!closed) {
            var unused = place();
        }
    }

    private Result run(List<BuildJob> jobs, BuildPlace place) {
        try (RegistryOutput push = new RegistryOutput(registry, setup.push(), progress, clock)) {
            Confinement there = place.confinement();
            ImportedSteps imported =
                    new ImportedSteps(registry, setup.caches().imports(), platforms(jobs), progress, clock);
            CacheExport export = new CacheExport(registry, place.cache(), setup.push(), progress, clock);
            List<CacheTarget> targets = cacheTargets();
            targets.forEach(export::check);
            for (BuildJob job : jobs) {
                running.add(new Running(
                        job,
                        new BuildExecutor(
                                place.cache(),
                                registry,
                                imported,
                                there::snapshots,
                                there::sandbox,
                                place.room(),
                                progress,
                                clock)));
            }
            List<BuiltImage> images = new ArrayList<>();
            for (Running one : running) {
                images.add(one.executor().build(one.job(), setup.push().isEmpty() ? (layer, source) -> {} : push));
            }
            BuiltImages built = new BuiltImages(
                    images,
                    new BuildSwitches(setup.requests().getFirst().buildArgs()).form(images.size()),
                    annotationsOfIndex(images),
                    setup.annotations().of(Annotations.Level.INDEX_DESCRIPTOR, null));
            Optional<ImageReference> pushed = new Delivery(setup, progress, clock)
                    .deliver(push, built, place, request -> statements(built, request));
            for (OutputOption archive : setup.archives()) {
                Outputs.write(archive, built, setup.names(), progress, clock);
            }
            targets.forEach(target -> export.write(built, target));
            return new Result(built, setup.names(), pushed);
        }
    }

    private List<Statement> statements(BuiltImages built, ProvenanceRequest request) {
        return Objects.requireNonNull(origins)
                .statements(
                        built,
                        List.copyOf(plans),
                        setup.push().stream()
                                .map(ImageReference::name)
                                .distinct()
                                .toList(),
                        request,
                        isolation(),
                        clock.instant());
    }

    private static List<Platform> platforms(List<BuildJob> jobs) {
        return jobs.stream().map(job -> job.plan().platform()).toList();
    }

    private List<CacheTarget> cacheTargets() {
        return setup.caches().exports().stream()
                .map(to -> new CacheTarget(to.reference(), to.mode(), Compressor.of(to.compression()), to.onFailure()))
                .toList();
    }

    /// Reads source and Dockerfile and makes the plans.
    private List<BuildJob> prepare(Supplier<Cache> cache) {
        SourceTree obtained = timed(
                "[internal] load build context", () -> setup.source().obtain(WorkFolder.in(setup.work(), "source")));
        tree = obtained;
        progress.sourceObtained(obtained.revision());
        obtained.warnings().forEach(progress::warning);
        BuildFiles files = setup.files().find(obtained);
        ReadFiles read = setup.provenance() == null ? null : new ReadFiles();
        Supplier<BuildContext> context =
                once(() -> BuildContext.open(files.context(), ignore(files.ignoreFile()), obtained.owners())
                        .noting(read));
        Supplier<Instant> derived = once(() -> epoch(obtained, context));
        if (derivesEpoch()) {
            ahead(derived);
        }
        Dockerfile dockerfile = timed(
                "[internal] load build definition from " + files.dockerfile().name(),
                () -> Dockerfile.parse(
                        files.dockerfile().name(), files.dockerfile().content().getBytes(StandardCharsets.UTF_8)));
        RemoteFiles remote = new RemoteFiles(
                WorkFolder.in(setup.work(), "remote"),
                cache,
                setup.run().gitTokens().withLogin(setup.login()),
                progress);
        NamedTrees named =
                new NamedTrees(setup.contexts(), readOfContexts(), WorkFolder.in(setup.work(), "contexts"), progress);
        Origins known =
                new Origins(setup.definition(), obtained.revision(), files.dockerfile(), read, named, remote, started);
        origins = known;
        compressor.get().warning().ifPresent(progress::warning);
        BaseImages images = new LayoutImages(new RegistryImages(registry, progress, clock), progress, clock);
        List<BuildJob> jobs = new ArrayList<>();
        for (PlanRequest request : setup.requests()) {
            Plan plan = Planner.plan(
                    dockerfile, request, images, new SourcesOwnTimes(obtained, named, remote), Check.ignored(files));
            plans.add(plan);
            plan.warnings().forEach(warning -> progress.lint(files.dockerfile().name(), warning));
            Instant ofImage = setup.epoch();
            Instant given = ofImage != null ? ofImage : plan.epoch();
            Instant epoch = given != null ? given : derived.get();
            jobs.add(new BuildJob(
                    plan,
                    identity(files),
                    files.dockerfile().name(),
                    context,
                    named.contexts(),
                    remote,
                    epoch,
                    ofImage != null
                            ? BuildJob.EpochOrigin.OUTPUT
                            : given != null ? BuildJob.EpochOrigin.GIVEN : BuildJob.EpochOrigin.DERIVED,
                    compressor.get(),
                    setup.run(),
                    annotations(known, plan, epoch),
                    setup.annotations().of(Annotations.Level.MANIFEST_DESCRIPTOR, plan.platform()),
                    setup.caches().inline()));
        }
        return jobs;
    }

    private Map<String, ReadFiles> readOfContexts() {
        Map<String, ReadFiles> all = new TreeMap<>();
        if (setup.provenance() != null) {
            setup.contexts().keySet().forEach(name -> all.put(name, new ReadFiles()));
        }
        return all;
    }

    /// What the user says wins.
    private Map<String, String> annotations(Origins known, Plan plan, Instant epoch) {
        Map<String, String> all = new TreeMap<>();
        if (setup.predefined() == BuildSetup.PredefinedAnnotations.WRITTEN) {
            all.putAll(known.annotations(plan, epoch));
        }
        all.putAll(setup.annotations().of(Annotations.Level.MANIFEST, plan.platform()));
        return all;
    }

    private Map<String, String> annotationsOfIndex(List<BuiltImage> images) {
        Map<String, String> all = new TreeMap<>();
        if (setup.predefined() == BuildSetup.PredefinedAnnotations.WRITTEN) {
            all.putAll(Annotations.commonPredefined(
                    images.stream().map(BuiltImage::manifest).toList()));
        }
        all.putAll(setup.annotations().of(Annotations.Level.INDEX, null));
        return all;
    }

    /// The image's name; of an image without one the folder that it is built of, if that is the same the next time.
    private String identity(BuildFiles files) {
        if (!setup.names().isEmpty()) {
            return setup.names().getFirst().name();
        }
        return files.context().startsWith(setup.work())
                ? ""
                : files.context().toAbsolutePath().normalize().toString();
    }

    private static DockerIgnore ignore(BuildFiles.@Nullable Text text) {
        return text == null
                ? DockerIgnore.NOTHING
                : IgnoreFile.parse(text.name(), text.content().getBytes(StandardCharsets.UTF_8));
    }

    /// Whether the source says how old the image is, as long as the Dockerfile does not.
    private boolean derivesEpoch() {
        return setup.epoch() == null
                && setup.requests().stream()
                        .noneMatch(request -> request.buildArgs().containsKey("SOURCE_DATE_EPOCH"));
    }

    /// The source's own time, else that of its newest file, in whole seconds.
    private static Instant epoch(SourceTree tree, Supplier<BuildContext> context) {
        Instant time = tree.time();
        Instant exact = time != null ? time : context.get().newestFileTime().orElse(Instant.EPOCH);
        return Instant.ofEpochSecond(exact.getEpochSecond());
    }

    private <T> T timed(String title, Supplier<T> work) {
        Progress.Activity activity = progress.start(title);
        Instant start = clock.instant();
        try {
            T made = work.get();
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return made;
        } catch (RuntimeException e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static <T> Supplier<T> once(Supplier<T> make) {
        return new Once<>(make);
    }

    /// How RUNs are confined here.
    Isolation isolation() {
        return confinement.isolation();
    }

    /// The first platform's plan, as soon as there is one.
    @Nullable
    Plan plan() {
        return plans.isEmpty() ? null : plans.getFirst();
    }

    /// The commit that is built; null if the source has none, or was not obtained.
    @Nullable
    String revision() {
        SourceTree obtained = tree;
        return obtained == null ? null : obtained.revision();
    }

    /// The steps that are done so far.
    List<FinishedStep> finished() {
        return running.stream()
                .flatMap(one -> one.executor().finished(one.job()).stream())
                .toList();
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeExecutors();
        BuildPlace place = opened;
        if (place != null) {
            place.close();
        }
        registry.close();
    }
}
