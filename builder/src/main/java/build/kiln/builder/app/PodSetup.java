package build.kiln.builder.app;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.execute.CacheTarget;
import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.execute.Verification;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.provenance.Detail;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.Bounds;
import build.kiln.builder.sandbox.NetworkAccess;
import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.ConfigMapSource;
import build.kiln.builder.source.InlineSource;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.VolumeSource;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.SshLogin;
import build.kiln.builder.source.ssh.SshAgent;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.Part;
import build.kiln.protocol.PodFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Turns the operator's request, and what is mounted into the pod, into a [BuildSetup].
final class PodSetup implements AutoCloseable {

    /// How much earlier than the pod's own end a RUN is stopped, so that there is time to report it.
    private static final Duration TIME_TO_REPORT = Duration.ofSeconds(1);

    /// What the builds of the namespace share.
    private static final Path SHARED_CACHE = Path.of(PodFiles.CACHE, "shared");

    /// A volume for each ImageBuild that has one for itself, by its uid.
    static final Path OWN_CACHES = Path.of(PodFiles.CACHE).resolve("builds");

    private final WorkFolder work;
    private final BuildSetup setup;
    private final Confinement confinement;

    private PodSetup(WorkFolder work, BuildSetup setup) {
        this.work = work;
        this.setup = setup;
        this.confinement = new Confinement(setup.cache(), setup.maker(), setup.isolation());
    }

    /// @throws build.kiln.builder.failure.BuildFailure `RequestInvalid`, `SecretInvalid`
    static PodSetup open(BuildRequest request, Environment environment) {
        WorkFolder work = WorkFolder.below(Path.of(PodFiles.WORK));
        prepareConnections(environment, work);
        List<ImageReference> references = references(request);
        BuildRequest.Output output = request.output();
        new BuildSwitches(request.buildArgs()).refuseIndexOfOne();
        RunSecrets mounted = new RunSecrets(Path.of(PodFiles.RUN_SECRETS));
        Map<String, RunSettings.SecretSource> secrets = mounted.secrets(request.secrets());
        Map<String, SshAgent> agents = mounted.agents(request.ssh());
        SshLogin login = mounted.login(request.ssh(), agents);
        NamedContexts contexts = NamedContexts.ofResource(
                request.contexts(), RunSettings.gitTokens(secrets).withLogin(login));
        BuildSetup setup = new BuildSetup(
                source(request, environment, login),
                tree -> BuildFiles.find(
                        tree.root(),
                        new AskedPath(request.contextDir(), "spec.contextDir"),
                        new AskedPath(request.dockerfile(), "spec.dockerfile")),
                List.of(PlanRequest.builder(Platform.ofThisMachine())
                        .target(request.target() == null ? "" : request.target())
                        .buildArgs(ProxyVariables.asBuildArgs(request.buildArgs(), environment))
                        .labels(output.labels())
                        .contexts(contexts.all())
                        .platform(platform(request.platform()))
                        .build()),
                contexts.files(),
                cache(request, work),
                limits(request.cacheLimits()),
                request.cache() == BuildRequest.CacheScope.NAMESPACE_READ_ONLY ? SHARED_CACHE : null,
                maker(request),
                request.cache() == BuildRequest.CacheScope.NONE
                        ? BuildSetup.CacheLife.ENDS_WITH_BUILD
                        : BuildSetup.CacheLife.KEPT,
                IsolationChoice.of(request, environment),
                work.path(),
                compression(output),
                Annotations.ofManifests(output.annotations()),
                null,
                new RunSettings(
                        Map.of(),
                        List.of(),
                        0,
                        secrets,
                        agents,
                        processes(request),
                        environment
                                .clock()
                                .instant()
                                .plusSeconds(request.timeoutSeconds())
                                .minus(TIME_TO_REPORT)),
                login,
                registries(request, environment),
                references,
                references,
                request.part() instanceof Part.Platform ? BuildSetup.Naming.DIGEST : BuildSetup.Naming.TAGS,
                List.of(),
                caches(request),
                Definitions.of(request),
                Boolean.TRUE.equals(output.predefinedAnnotations())
                        ? BuildSetup.PredefinedAnnotations.WRITTEN
                        : BuildSetup.PredefinedAnnotations.LEFT_OUT,
                provenance(request),
                verification(request.verify()));
        return new PodSetup(work, setup);
    }

    /// Has to come before the first connection.
    static void prepareConnections(Environment environment, WorkFolder work) {
        environment.useProxies();
        Path authorities = Path.of(PodFiles.CA_BUNDLE);
        if (Files.exists(authorities)) {
            MoreAuthorities.trust(authorities, work.path());
        }
    }

    BuildSetup setup() {
        return setup;
    }

    Confinement confinement() {
        return confinement;
    }

    /// All names that the image gets.
    static List<ImageReference> references(BuildRequest request) {
        ImageReference image = reference("spec.output", request.output().image());
        List<ImageReference> all = new ArrayList<>();
        all.add(image.withTag(image.tagOrLatest()));
        for (String tag : request.output().tags()) {
            ImageReference more = reference("spec.output", image.name() + ":" + tag);
            if (!all.contains(more)) {
                all.add(more);
            }
        }
        return all;
    }

    static ImageReference reference(String field, String text) {
        try {
            return ImageReference.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RequestFailure(
                    Reason.RequestInvalid, field, e.getMessage() + ".", "Write it as registry/repository:tag.");
        }
    }

    private static CacheExchange caches(BuildRequest request) {
        Compression compression = compression(request.output());
        return new CacheExchange(
                request.cacheImports().stream()
                        .map(text -> reference("spec.cache.import", text))
                        .toList(),
                request.cacheExports().stream()
                        .map(export -> new CacheExchange.Export(
                                reference("spec.cache.export", export.reference()),
                                switch (export.mode()) {
                                    case MIN -> CacheTarget.Mode.MIN;
                                    case MAX -> CacheTarget.Mode.MAX;
                                },
                                compression,
                                CacheTarget.OnFailure.WARN))
                        .toList(),
                new BuildSwitches(request.buildArgs()).inlineCache());
    }

    /// What the request asks for; null for nothing.
    static @Nullable ProvenanceRequest provenance(BuildRequest request) {
        BuildRequest.Provenance wanted = request.output().provenance();
        if (wanted == null) {
            return null;
        }
        return new ProvenanceRequest(
                switch (wanted.detail()) {
                    case MIN -> Detail.MIN;
                    case MAX -> Detail.MAX;
                },
                wanted.builderId(),
                maker(request).name());
    }

    private static @Nullable Verification verification(BuildRequest.@Nullable Verify verify) {
        if (verify == null) {
            return null;
        }
        return new Verification(
                verify.run(),
                Duration.ofSeconds(verify.timeoutSeconds()),
                switch (verify.network()) {
                    case NONE -> NetworkAccess.NONE;
                    case HOST -> NetworkAccess.HOST;
                },
                "spec.verify");
    }

    private static Compression compression(BuildRequest.Output output) {
        return switch (output.compression()) {
            case GZIP -> Compression.GZIP;
            case ZSTD -> Compression.ZSTD;
        };
    }

    private static Platform platform(String text) {
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RequestFailure(
                    Reason.RequestInvalid, "spec.platforms", e.getMessage() + ".", "Write it as linux/amd64.");
        }
    }

    private static Source source(BuildRequest request, Environment environment, @Nullable SshLogin login) {
        return switch (request.source()) {
            case BuildRequest.Source.Inline(Map<String, String> files) ->
                new InlineSource(files, "spec.source.inline.files");
            case BuildRequest.Source.Volume(String claimName, String path) ->
                new VolumeSource(Path.of(PodFiles.SOURCE), new AskedPath(path, "spec.source.volume.path"));
            case BuildRequest.Source.Image image ->
                PodSources.image(image, platform(request.platform()), registries(request, environment));
            case BuildRequest.Source.ConfigMap(String name) ->
                new ConfigMapSource(Path.of(PodFiles.SOURCE), name, "spec.source.configMap");
            case BuildRequest.Source.Archive archive -> PodSources.archive(archive);
            case BuildRequest.Source.Flux flux -> new FluxArtifact(flux);
            case BuildRequest.Source.Git git ->
                new GitSource(
                                git.url(),
                                git.revision() == null ? "" : git.revision(),
                                git.submodules() ? GitSource.Submodules.FETCHED : GitSource.Submodules.LEFT_OUT,
                                GitSource.Reach.NETWORK,
                                git.credentialsSecret() == null ? null : Path.of(PodFiles.GIT_SECRET),
                                git.credentialsSecret() == null
                                        ? GitSource.Places.RESOURCE
                                        : GitSource.Places.withSecret(git.credentialsSecret()))
                        .withLogin(login);
        };
    }

    /// Named like the pod. Attempts at one build go on from each other.
    private static Maker maker(BuildRequest request) {
        return new Maker(
                request.namespace() + "/" + request.name() + "-" + request.generation() + "-" + request.attempt(),
                request.uid() + "/" + request.generation() + "/" + request.firstAttempt(),
                request.attempt());
    }

    private static Path cache(BuildRequest request, WorkFolder work) {
        Path volume = Path.of(PodFiles.CACHE);
        return switch (request.cache()) {
            case NAMESPACE -> SHARED_CACHE;
            case NAMESPACE_READ_ONLY, BUILD -> OWN_CACHES.resolve(request.uid());
            case NONE ->
                volume.resolve("none").resolve(work.path().getFileName().toString());
        };
    }

    private static BuildSetup.VolumeLimits limits(BuildRequest.@Nullable CacheLimits limits) {
        if (limits == null) {
            return Limits::ofVolume;
        }
        return root -> Limits.ofVolume(root, optional(limits.maxBytes()), optional(limits.minFreeBytes()));
    }

    private static int processes(BuildRequest request) {
        Integer chosen = request.pidsLimit();
        return chosen == null ? Bounds.USUAL_PROCESSES : chosen;
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /// What somebody names in the pod's environment wins over what the operator gives to all.
    private static Path registriesConf(Environment environment) {
        Path ofOperator = Path.of(PodFiles.REGISTRIES_CONF);
        return environment.get("CONTAINERS_REGISTRIES_CONF") == null && Files.exists(ofOperator)
                ? ofOperator
                : environment.registriesConf();
    }

    static RegistrySettings registries(BuildRequest request, Environment environment) {
        Path conf = registriesConf(environment);
        RegistrySettings settings = RegistrySettings.defaults(environment.clock())
                .withRegistriesConf(Files.exists(conf) ? conf : null)
                .withCertsDirs(environment.certsDirs())
                .withProxies(environment.proxies())
                .withCredentialNames("spec.output.pushSecret", "spec.output.pushSecret");
        String secret = request.output().pushSecret();
        if (secret == null) {
            return settings;
        }
        return settings.withAuthFiles(
                List.of(SecretFiles.needDockerConfig(Path.of(PodFiles.PUSH_SECRET), secret, "spec.output.pushSecret")));
    }

    @Override
    public void close() {
        confinement.close();
        if (setup.cache().startsWith(Path.of(PodFiles.CACHE).resolve("none"))) {
            Leftovers.delete(setup.cache());
        }
        work.close();
    }
}
