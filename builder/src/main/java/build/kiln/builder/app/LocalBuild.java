package build.kiln.builder.app;

import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.NoCache;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.git.SshLogin;
import build.kiln.builder.source.ssh.SshAgent;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `kiln build`: turns the flags into a [BuildSetup], runs it and tells how it ended.
final class LocalBuild {

    /// Longer than any build: the command line has no time limit of its own.
    private static final Duration NO_LIMIT = Duration.ofDays(365);

    private final Environment environment;
    private final BuildOptions options;
    private final Maker maker;

    LocalBuild(Environment environment, BuildOptions options) {
        this(environment, options, Maker.named(environment.processName()));
    }

    /// @param maker as others on the cache volume see this build
    LocalBuild(Environment environment, BuildOptions options, Maker maker) {
        this.environment = environment;
        this.options = options;
        this.maker = maker;
    }

    /// Builds.
    ///
    /// @throws build.kiln.builder.failure.BuildFailure of whatever kind
    ExitCode run() {
        environment.useProxies();
        try (ProgressDisplay display = ProgressDisplay.open(options.quiet ? "quiet" : options.progress, environment);
                WorkFolder work = WorkFolder.below(options.cacheDir(environment))) {
            Progress progress = StartTurn.watched(display.progress(), environment);
            BuildSetup setup = setup(work.path());
            if (!options.push && options.outputs.isEmpty()) {
                progress.warning("No --output and no --push: the result stays in the cache only.");
            }
            try (Confinement confinement = new Confinement(setup.cache(), setup.maker(), setup.isolation());
                    Build build = new Build(setup, confinement, progress, environment.clock())) {
                writeResultFiles(build.run());
            }
        }
        return ExitCode.SUCCESS;
    }

    /// Reads the Dockerfile and builds nothing.
    ExitCode check(Call.Format format) {
        environment.useProxies();
        List<Platform> platforms = Flags.platforms(options.platforms);
        try (Registry registry = Registry.open(registries());
                WorkFolder work = WorkFolder.below(options.cacheDir(environment))) {
            return new Check(
                            files(work.path()),
                            Flags.buildArgs(options.buildArgs, environment),
                            platforms.isEmpty() ? null : platforms.getFirst(),
                            contexts().all().keySet(),
                            registry)
                    .run(environment.out(), format);
        }
    }

    /// Tells what can be given to the build.
    ExitCode outline(Call.Format format) {
        calls().outline(requests(contexts()).getFirst(), format);
        return ExitCode.SUCCESS;
    }

    /// Tells which targets there are.
    ExitCode targets(Call.Format format) {
        calls().targets(format);
        return ExitCode.SUCCESS;
    }

    private Calls calls() {
        environment.useProxies();
        try (WorkFolder work = WorkFolder.below(options.cacheDir(environment))) {
            return new Calls(files(work.path()), environment.out()); // the Dockerfile's text is all that it needs
        }
    }

    private BuildFiles files(Path work) {
        ContextFiles context = context(work);
        return context.find(context.source().obtain(WorkFolder.in(work, "source")));
    }

    private ContextFiles context(Path work) {
        return ContextFiles.of(
                options.context, options.file, switches().keepsGitFolder(), gitTokens(), environment.in(), work);
    }

    /// The cache that is only read; a name that is mistyped is not made a new one.
    private @Nullable Path cacheBelow() {
        Path folder = options.cacheReadDir;
        if (folder != null && !Files.isDirectory(folder.resolve("steps"))) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "--cache-read-dir " + folder,
                    "there is no cache in this folder.",
                    "Name the folder that \"kiln build --cache-dir\" had.");
        }
        return folder;
    }

    /// @param work a folder of the build's own
    BuildSetup setup(Path work) {
        OutputFlags outputs = OutputFlags.of(options, environment);
        List<Platform> platforms = Flags.platforms(options.platforms);
        outputs.check(platforms, switches().form(platforms.size()));
        ContextFiles context = context(work);
        NamedContexts contexts = contexts();
        return new BuildSetup(
                context.source(),
                context::find,
                requests(contexts),
                contexts.files(),
                options.cacheDir(environment),
                limits(),
                cacheBelow(),
                maker,
                BuildSetup.CacheLife.KEPT,
                IsolationChoice.ofFlags(options.isolation, options.minIsolation, environment),
                work,
                outputs.compression(),
                outputs.annotations(),
                outputs.epoch(),
                new RunSettings(
                        Flags.hosts(options.addHosts),
                        Flags.limits(options.ulimits),
                        Flags.size("--shm-size", options.shmSize),
                        Flags.secrets(options.secrets, environment),
                        agents(),
                        Flags.processes(options.pidsLimit),
                        environment.clock().instant().plus(NO_LIMIT)),
                login(),
                registries(),
                outputs.names(),
                outputs.push(),
                BuildSetup.Naming.TAGS,
                outputs.files(),
                CacheFlags.parse(options.cacheFrom, cacheTo(), outputs.compression()),
                Definitions.of(
                        options,
                        Flags.buildArgs(options.buildArgs, environment),
                        Flags.keyValues("--label", options.labels),
                        List.copyOf(Flags.secrets(options.secrets, environment).keySet()),
                        List.copyOf(agents().keySet())),
                options.predefinedAnnotations
                        ? BuildSetup.PredefinedAnnotations.WRITTEN
                        : BuildSetup.PredefinedAnnotations.LEFT_OUT,
                provenance(outputs),
                VerifyFlags.of(options));
    }

    private @Nullable ProvenanceRequest provenance(OutputFlags outputs) {
        ProvenanceRequest wanted = ProvenanceFlags.of(options);
        if (wanted != null && outputs.push().isEmpty()) {
            throw new RequestFailure(
                    Reason.NotSupportedYet,
                    options.provenance == null ? "--attest" : "--provenance",
                    "a provenance is kept in a registry beside its image, and this image is not pushed.",
                    "Add --push and --tag, or remove it.");
        }
        return wanted;
    }

    private List<String> cacheTo() {
        List<String> all = new ArrayList<>(options.cacheTo);
        if (switches().writesInlineCache()) {
            all.add("type=inline");
        }
        return all;
    }

    private NamedContexts contexts() {
        return NamedContexts.ofCommandLine(Flags.keyValues("--build-context", options.buildContexts), gitTokens());
    }

    private BuildSwitches switches() {
        return new BuildSwitches(Flags.buildArgs(options.buildArgs, environment));
    }

    private GitTokens gitTokens() {
        return RunSettings.gitTokens(Flags.secrets(options.secrets, environment))
                .withLogin(login());
    }

    /// By id. A CONTEXT that is reached by SSH takes the agent of the machine if nobody says anything of agents.
    private Map<String, SshAgent> agents() {
        boolean needed =
                ContextLocation.parse(options.context, "CONTEXT") instanceof ContextLocation.Git(var repository)
                        && repository.isReachedBySsh();
        return SshOption.agents(
                needed && options.ssh.isEmpty() ? List.of(SshOption.DEFAULT) : options.ssh, environment);
    }

    private @Nullable SshLogin login() {
        SshAgent agent = agents().get(SshOption.DEFAULT);
        return agent == null ? null : new SshLogin.OfUser(agent, environment.knownHosts(), "--ssh default");
    }

    private List<PlanRequest> requests(NamedContexts contexts) {
        List<Platform> platforms = Flags.platforms(options.platforms);
        PlanRequest.Builder request = PlanRequest.builder(Platform.ofThisMachine())
                .target(options.target)
                .buildArgs(Flags.buildArgs(options.buildArgs, environment))
                .labels(Flags.keyValues("--label", options.labels))
                .contexts(contexts.all())
                .noCache(noCache())
                .network(Flags.network(options.network))
                .allowed(Flags.allowed(options.allow))
                .allowedDevices(Flags.allowedDevices(options.allow));
        if (platforms.size() < 2) {
            return List.of(
                    platforms.isEmpty()
                            ? request.build()
                            : request.platform(platforms.getFirst()).build());
        }
        return platforms.stream()
                .map(platform -> request.platform(platform)
                        .naming(PlanRequest.Naming.BY_PLATFORM)
                        .build())
                .toList();
    }

    private NoCache noCache() {
        if (options.noCache) {
            return new NoCache.All();
        }
        Set<String> stages = new TreeSet<>(options.noCacheFilter);
        return stages.isEmpty() ? new NoCache.None() : new NoCache.Stages(stages);
    }

    private BuildSetup.VolumeLimits limits() {
        long bytes = Flags.size("--cache-max-size", options.cacheMaxSize);
        return bytes == 0 ? Limits::ofFolder : root -> Limits.ofFolder(root, bytes);
    }

    private RegistrySettings registries() {
        Path conf = environment.registriesConf();
        return RegistrySettings.defaults(environment.clock())
                .withAuthFiles(List.of(environment.credentials()))
                .withRegistriesConf(Files.exists(conf) ? conf : null)
                .withCertsDirs(environment.certsDirs())
                .withProxies(environment.proxies());
    }

    private void writeResultFiles(Build.Result result) {
        try {
            Path iidFile = options.iidFile;
            if (iidFile != null) {
                Files.writeString(iidFile, imageId(result.built()).toString());
            }
            Path metadata = options.metadataFile;
            if (metadata != null) {
                Files.write(metadata, Json.bytes(metadata(result)));
            }
        } catch (IOException e) {
            throw new RequestFailure(
                    Reason.OutputFailed,
                    "--metadata-file or --iidfile",
                    "the file could not be written: " + e + ".",
                    "Name a place that can be written.",
                    e);
        }
        environment.out().println(result.built().descriptor().digest());
    }

    /// What `docker images` calls the id: the config's digest, or the index's where there are several platforms.
    private static Digest imageId(BuiltImages built) {
        return built.isIndex()
                ? built.descriptor().digest()
                : built.images().getFirst().manifest().config().digest();
    }

    /// What buildx writes, as far as it is true of Kiln.
    private ObjectNode metadata(Build.Result result) {
        BuiltImages built = result.built();
        ObjectNode node = Json.object();
        if (!built.isIndex()) {
            node.put("containerimage.config.digest", imageId(built).toString());
        }
        node.set("containerimage.descriptor", built.descriptor().write());
        node.put("containerimage.digest", built.descriptor().digest().toString());
        if (!result.names().isEmpty()) {
            node.put(
                    "image.name",
                    result.names().stream()
                            .map(name -> name.withTag(name.tagOrLatest()).toString())
                            .collect(Collectors.joining(",")));
        }
        return node;
    }
}
