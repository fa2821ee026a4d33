package build.kiln.operator.app;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.operator.flux.FluxSources;
import build.kiln.operator.hook.HookSecrets;
import build.kiln.operator.hook.Hooks;
import build.kiln.operator.imagebuild.ImageBuildReconciler;
import build.kiln.operator.imagebuild.LeanStore;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.metrics.Meters;
import build.kiln.operator.metrics.ReconcileMetrics;
import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.PodNames;
import build.kiln.operator.progress.KubernetesLogs;
import build.kiln.operator.progress.LogFollower;
import build.kiln.operator.trace.BuildTraces;
import build.kiln.operator.web.WebServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.health.ControllerHealthInfo;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// The operator: one controller, one small web server. Runs as a process of its own, or inside another one.
public final class Operator implements AutoCloseable {

    /// A build's progress is written down at most once in it.
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(1);

    private static final Duration UNTIL_CACHES_ARE_FILLED = Duration.ofMinutes(2);

    private final io.javaoperatorsdk.operator.Operator controllers;
    private final Leadership leadership;
    private final Runnable handBack;
    private final LogFollower logs;
    private final WebServer web;
    private final Optional<Hooks> hooks;
    private final Runnable telemetry;

    private Operator(
            io.javaoperatorsdk.operator.Operator controllers,
            Leadership leadership,
            Runnable handBack,
            LogFollower logs,
            WebServer web,
            Optional<Hooks> hooks,
            Runnable telemetry) {
        this.controllers = controllers;
        this.leadership = leadership;
        this.handBack = handBack;
        this.logs = logs;
        this.web = web;
        this.hooks = hooks;
        this.telemetry = telemetry;
    }

    /// Starts the operator in this JVM; it works until it is closed. The client stays the caller's, and open.
    ///
    /// @throws IOException if the address of the web server cannot be had
    public static Operator start(KubernetesClient client, Settings settings) throws IOException {
        return start(client, settings, new ElectionPulse(System::nanoTime));
    }

    /// @param election sees the client's requests, if there is an election
    static Operator start(KubernetesClient client, Settings settings, ElectionPulse election) throws IOException {
        return start(client, settings, new Meters(settings.metrics()), election);
    }

    private static Operator start(KubernetesClient client, Settings settings, Meters meters, ElectionPulse election)
            throws IOException {
        LogFollower logs = new LogFollower(new KubernetesLogs(client, PodNames.CONTAINER), PROGRESS_INTERVAL);
        BuildMetrics metrics = new BuildMetrics(meters);
        // A request that takes longer to arrive is dropped, whatever it is for.
        System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "30");
        Optional<BuildTraces> traces = settings.traces().map(to -> new BuildTraces(to.endpoint(), to.headers()));
        Optional<FluxSources> flux = switch (settings.rebuilding().flux()) {
            case WATCHED -> Optional.of(new FluxSources(client, settings.watchNamespaces(), Clock.systemUTC()));
            case IGNORED -> Optional.empty();
        };
        ImageBuildReconciler reconciler = new ImageBuildReconciler(
                client,
                Clock.systemUTC(),
                new BuilderPods(settings.builder()),
                settings.limits(),
                settings.rebuilding(),
                settings.keepPods(),
                flux,
                logs,
                metrics,
                traces);
        metrics.watch(reconciler::podsAtWork, reconciler::buildsQueued);
        AtomicBoolean isBroken = new AtomicBoolean();
        Leadership leadership =
                new Leadership(settings.replica().orElseGet(() -> "replica-" + UUID.randomUUID()), Operator::end);
        // The framework asks more than once to be configured.
        ReconcileMetrics reconciling = new ReconcileMetrics(meters);
        var controllers = new io.javaoperatorsdk.operator.Operator(
                overrider -> configure(overrider.withMetrics(reconciling), client, settings, leadership, isBroken));
        controllers.register(reconciler, overrider -> configure(overrider, settings));
        AtomicBoolean isReady = new AtomicBoolean();
        BooleanSupplier isHealthy = () -> !isBroken.get() && election.isThere();
        WebServer web = WebServer.start(
                settings.http(), isHealthy, () -> isReady.get() && isHealthy.getAsBoolean(), meters::scrape);
        Optional<Hooks> hooks = settings.hooks().isEmpty()
                ? Optional.empty()
                : Optional.of(Hooks.start(
                        settings.hooks().get().address(),
                        new HookSecrets(settings.hooks().get().secrets()),
                        new DueBuildsInCluster(client),
                        Clock.systemUTC()));
        Operator operator = new Operator(
                controllers,
                leadership,
                () -> {
                    settings.leaseNamespace().ifPresent(namespace -> leadership.handBack(client, namespace));
                    flux.ifPresent(FluxSources::close);
                },
                logs,
                web,
                hooks,
                () -> {
                    traces.ifPresent(BuildTraces::close);
                    meters.close();
                });
        try {
            controllers.start();
            if (!hasFilledCaches(controllers)) {
                throw new IllegalStateException(
                        "The caches could not be filled within %d s. The warnings above say why."
                                .formatted(UNTIL_CACHES_ARE_FILLED.toSeconds()));
            }
        } catch (RuntimeException e) {
            operator.close();
            throw e;
        }
        isReady.set(true);
        LoggerFactory.getLogger(Operator.class)
                .atInfo()
                .addKeyValue("apiServer", client.getMasterUrl())
                .addKeyValue("port", web.port())
                .log("The operator works");
        return operator;
    }

    private static boolean hasFilledCaches(io.javaoperatorsdk.operator.Operator controllers) {
        return controllers.getRegisteredControllers().stream()
                .flatMap(controller -> informers(controller.getControllerHealthInfo()))
                .allMatch(InformerHealthIndicator::hasSynced);
    }

    private static Stream<InformerHealthIndicator> informers(ControllerHealthInfo health) {
        List<InformerHealthIndicator> all = new ArrayList<>();
        for (InformerWrappingEventSourceHealthIndicator<?> source :
                health.informerEventSourceHealthIndicators().values()) {
            all.addAll(source.informerHealthIndicators().values());
        }
        return all.stream();
    }

    private static void configure(
            ConfigurationServiceOverrider overrider,
            KubernetesClient client,
            Settings settings,
            Leadership leadership,
            AtomicBoolean isBroken) {
        overrider.withKubernetesClient(client);
        overrider.withCloseClientOnStop(false);
        overrider.withResourceCloner(new SharedObjects());
        // Whatever a list or a watch fails of, it is tried again; not only what the client takes for passing.
        overrider.withStopOnInformerErrorDuringStartup(false);
        overrider.withCacheSyncTimeout(UNTIL_CACHES_ARE_FILLED);
        overrider.withInformerStoppedHandler((informer, cause) -> {
            if (cause != null) {
                // Of what cannot be read there is only more. The liveness probe has the process started anew.
                isBroken.set(true);
                LoggerFactory.getLogger(Operator.class).error("A watch ended for good; the operator is blind", cause);
            }
        });
        overrider.withReconciliationTerminationTimeout(Duration.ofSeconds(5));
        settings.leaseNamespace()
                .ifPresent(namespace -> overrider.withLeaderElectionConfiguration(leadership.in(namespace)));
    }

    private static void configure(ControllerConfigurationOverrider<ImageBuild> overrider, Settings settings) {
        overrider
                // The annotation that asks for a rebuild does not change the generation.
                .withGenerationAware(false)
                .withOnUpdateFilter(Operator::isOfInterest)
                .withInformerListLimit(LeanStore.LISTED_AT_A_TIME)
                // An API server that is away for an hour is no reason to forget a build.
                .withRetry(new GenericRetry()
                        .withoutMaxAttempts()
                        .setInitialInterval(500)
                        .setIntervalMultiplier(2)
                        .setMaxInterval(Duration.ofMinutes(1).toMillis()));
        if (!settings.watchNamespaces().isEmpty()) {
            overrider.settingNamespaces(settings.watchNamespaces());
        }
        LeanStore.ofBuilds(settings.watchNamespaces()).ifPresent(overrider::withItemStore);
    }

    /// What the operator itself writes, the status, is no reason to look again.
    static boolean isOfInterest(ImageBuild now, ImageBuild before) {
        // A watch that was away for a while does not tell of what was deleted and made anew meanwhile.
        return !Objects.equals(now.getMetadata().getUid(), before.getMetadata().getUid())
                || !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(rebuildRequestedAt(now), rebuildRequestedAt(before))
                || !Objects.equals(pushed(now), pushed(before))
                || now.isMarkedForDeletion() != before.isMarkedForDeletion();
    }

    /// What a replica that heard of a push has written.
    private static @Nullable DueBuild pushed(ImageBuild build) {
        DueBuild due = build.getStatus() == null ? null : build.getStatus().due();
        return due != null && due.reason().equals("Webhook") ? due : null;
    }

    private static String rebuildRequestedAt(ImageBuild build) {
        var annotations = build.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(ImageBuild.REBUILD_REQUESTED_AT, "");
    }

    /// The port of the web server.
    public int port() {
        return web.port();
    }

    /// The port where webhooks are heard; empty if they are not.
    OptionalInt hooksPort() {
        return hooks.map(h -> OptionalInt.of(h.port())).orElseGet(OptionalInt::empty);
    }

    /// Stops watching and writing. Builder pods work on; the next start takes them up.
    @Override
    public void close() {
        hooks.ifPresent(Hooks::close);
        leadership.giveUp();
        controllers.stop();
        handBack.run();
        logs.close();
        web.close();
        telemetry.run();
    }

    /// The process: settings from the environment, the cluster from KUBECONFIG or the pod's own account.
    public static void main(String[] arguments) throws InterruptedException {
        Settings settings;
        try {
            settings = Settings.parse(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(64);
            return;
        }
        LogLines.use(settings.logFormat());
        Meters meters = new Meters(settings.metrics());
        ElectionPulse election = new ElectionPulse(System::nanoTime);
        // Java's client fails a request that is one too many for a connection of HTTP/2, and each log that is followed
        // is one: an API server allows a hundred. And where the processors are busy it loses, now and then, what a
        // WebSocket says first: events that nobody misses, or a part of one, and the watch is broken.
        Config config = new ConfigBuilder()
                .withHttp2Disable(true)
                .withOnlyHttpWatches(true)
                .build();
        try (KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(config)
                        .withHttpClientFactory(new JdkHttpClientFactory())
                        .withHttpClientBuilderConsumer(http -> TokenUse.of(config)
                                .configure(http)
                                .addOrReplaceInterceptor("kiln-api-requests", new ApiRequests(new BuildMetrics(meters)))
                                .addOrReplaceInterceptor("kiln-watch-text", new WatchText())
                                .addOrReplaceInterceptor("kiln-election-pulse", election)
                                .addOrReplaceInterceptor("kiln-lease-fence", Leadership.fence(Operator::end)))
                        .build();
                Operator operator = start(client, settings, meters, election)) {
            CountDownLatch stopped = new CountDownLatch(1);
            Thread main = Thread.currentThread();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stopped.countDown();
                join(main);
            }));
            stopped.await();
        } catch (IOException | RuntimeException e) {
            LoggerFactory.getLogger(Operator.class).error("The operator cannot work: {}", e.getMessage(), e);
            Runtime.getRuntime().halt(1);
        }
    }

    /// At once: nothing more may be written.
    private static void end() {
        Runtime.getRuntime().halt(1);
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
