package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.PlatformStatus;
import build.kiln.operator.flux.FluxSources;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.PodNames;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.progress.LogFollower;
import build.kiln.operator.progress.PodKey;
import build.kiln.operator.queue.Limits;
import build.kiln.operator.status.News;
import build.kiln.operator.status.PlatformViews;
import build.kiln.operator.status.StatusWriter;
import build.kiln.operator.trace.BuildTraces;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Brings each ImageBuild nearer to what it wants: looks, judges, acts, writes down, and says when to look again.
public final class ImageBuildReconciler implements Reconciler<ImageBuild> {

    /// Should an event ever be lost, nothing stays undone for longer.
    private static final Duration LONGEST_REST = Duration.ofMinutes(10);

    /// What is said of a pod is asked for when it takes longer: hundreds at once would otherwise be asked about over
    /// and
    /// over while they wait for nothing but each other.
    private static final Duration UNTIL_SCHEDULED = Duration.ofSeconds(30);

    private final Clock clock;
    private final Judge judge;
    private final StatusWriter writer;
    private final BuilderPods desiredPods;
    private final BuilderPodsInCluster pods;
    private final CacheClaimsInCluster claims;
    private final AdmittedRungs rungs;
    private final PodEvents events;
    private final LogFollower logs;
    private final StatusRecorder recorder;
    private final Rebuilds rebuilds;
    private final Limits limits;
    private final Retention retention;
    private final Tracing tracing;
    private final ProgressEvents progressEvents;
    private final QueueNotes queueNotes;
    private final Duration baseImageInterval;
    private volatile Optional<BaseImageChecks> baseImages = Optional.empty();
    private final Optional<FluxSources> flux;
    private volatile Optional<Artifacts> artifacts = Optional.empty();
    private volatile Optional<Cluster> cluster = Optional.empty();
    private volatile Optional<Builds> builds = Optional.empty();

    public ImageBuildReconciler(
            KubernetesClient client,
            Clock clock,
            BuilderPods desiredPods,
            Limits limits,
            RebuildSettings rebuilding,
            Duration keepPods,
            Optional<FluxSources> flux,
            LogFollower logs,
            BuildMetrics metrics,
            Optional<BuildTraces> traces) {
        this.clock = clock;
        this.judge = new Judge(clock, desiredPods.settings().platformWait());
        this.desiredPods = desiredPods;
        this.pods = new BuilderPodsInCluster(client);
        this.claims = new CacheClaimsInCluster(client, clock);
        this.rungs = new AdmittedRungs(pods, clock);
        this.events = new PodEvents(client);
        this.logs = logs;
        this.limits = limits;
        this.retention = new Retention(keepPods);
        this.tracing = new Tracing(traces, clock);
        this.writer = new StatusWriter(clock);
        this.rebuilds = new Rebuilds(clock);
        this.flux = flux;
        this.baseImageInterval = rebuilding.baseImageInterval();
        this.progressEvents = new ProgressEvents();
        this.queueNotes = new QueueNotes(clock, progressEvents::wake);
        this.recorder = new StatusRecorder(
                writer, new Announcer(client, clock), queueNotes, new Measurements(metrics, clock), tracing);
    }

    @Override
    public List<EventSource<?, ImageBuild>> prepareEventSources(EventSourceContext<ImageBuild> context) {
        var configuration = InformerEventSourceConfiguration.from(Pod.class, ImageBuild.class)
                .withName("builder-pods")
                .withLabelSelector(PodNames.MANAGED_BY + "=" + PodNames.MANAGED_BY_KILN)
                .withInformerListLimit(LeanStore.LISTED_AT_A_TIME)
                .withNamespacesInheritedFromController();
        LeanStore.ofPods(
                        context.getControllerConfiguration().getInformerConfig().getNamespaces())
                .ifPresent(configuration::withItemStore);
        var known = context.getPrimaryCache();
        // One by one, because only so the cache hands out what was written a moment ago.
        WatchedPods podEvents = new WatchedPods(configuration.build(), context);
        pods.rememberIn(podEvents);
        Cluster here = new Cluster(
                limits,
                clock,
                new Cluster.Known(
                        () -> known.list()
                                .map(b -> known.get(ResourceID.fromResource(b)).orElse(b)),
                        podEvents::list,
                        build -> Tickets.ofWaiting(build, judge, clock)),
                progressEvents::wake);
        podEvents.tell(here);
        progressEvents.tell(build -> {
            here.gone(build);
            queueNotes.gone(build);
        });
        baseImages = Optional.of(new BaseImageChecks(
                desiredPods,
                pods,
                clock,
                baseImageInterval,
                () -> podEvents.list().filter(BaseImageChecks::isAtWork).count()));
        cluster = Optional.of(here);
        Artifacts sources = new Artifacts(flux);
        flux.ifPresent(f -> f.tell(object -> known.list()
                .filter(b -> Artifacts.isFrom(b, object))
                .forEach(b -> progressEvents.wake(Tickets.key(b)))));
        artifacts = Optional.of(sources);
        BuildStart starts = new BuildStart(desiredPods, pods, claims, rungs, sources, here, clock);
        PodChain chain = new PodChain(clock, judge, pods, rungs, logs, progressEvents, retention);
        builds =
                Optional.of(new Builds(chain, starts, new PlatformBuilds(clock, chain, starts, pods, writer, tracing)));
        return List.of(podEvents, progressEvents);
    }

    /// How many builds wait for their turn, as the cache has it.
    public long buildsQueued() {
        return cluster.map(Cluster::queued).orElse(0L);
    }

    /// How many builder pods are at work, as the cache has it.
    public long podsAtWork() {
        return cluster.map(Cluster::atWork).orElse(0L);
    }

    /// What brings builds further, once the caches are there.
    private record Builds(PodChain chain, BuildStart starts, PlatformBuilds ofPlatforms) {

        Outcome advance(ImageBuild build, List<BuilderPod> seen) {
            return build.getSpec().platforms().size() > 1
                    ? ofPlatforms.advance(build, seen)
                    : chain.advance(build, seen, attempt -> starts.startWhole(build, attempt));
        }
    }

    @Override
    public UpdateControl<ImageBuild> reconcile(ImageBuild build, Context<ImageBuild> context) {
        try {
            return advance(build, context);
        } finally {
            queueNotes.lookedAt(Tickets.key(build));
        }
    }

    private UpdateControl<ImageBuild> advance(ImageBuild build, Context<ImageBuild> context) {
        if (build.isMarkedForDeletion()) {
            // The pods go with their owner, and nothing outside the cluster is left to be cleaned up.
            cluster.orElseThrow().gone(Tickets.key(build));
            return UpdateControl.noUpdate();
        }
        List<BuilderPod> all = look(build, context);
        List<BuilderPod> seen =
                all.stream().filter(p -> !BaseImageChecks.isCheck(p)).toList();
        Outcome checked = baseImages
                .orElseThrow()
                .advance(build, all.stream().filter(BaseImageChecks::isCheck).toList());
        List<News> notes = new ArrayList<>(rebuilds.notes(build));
        notes.addAll(artifacts.orElseThrow().notes(build));
        notes.addAll(checked.news());
        ImageBuild noted = recorder.noted(build, notes);
        Outcome outcome = builds.orElseThrow()
                .advance(noted, seen)
                .after(notes, Outcome.earlier(rebuilds.untilNext(noted), checked.lookAgain()), List.of());
        boolean isWritten = recorder.record(build, outcome.news(), context);
        if (isWritten) {
            outcome.afterwards().forEach(Runnable::run);
        }
        cluster.orElseThrow().lookedAt(Tickets.key(build), seen);
        Optional<Duration> soon = Outcome.earlier(
                rebuilds.afterwards(noted, outcome.news()), Artifacts.afterwards(build, outcome.news()));
        Optional<Duration> next = Outcome.earlier(outcome.lookAgain(), soon);
        return lookAgain(isWritten ? next : Optional.of(StatusRecorder.AFTER_CONFLICT));
    }

    /// The ImageBuild's pods. Those that its status names are only taken for gone if the API server itself says so: the
    /// cache may not know them yet.
    private List<BuilderPod> look(ImageBuild build, Context<ImageBuild> context) {
        List<Pod> seen = new ArrayList<>(context.getSecondaryResources(Pod.class));
        // An earlier ImageBuild of this name may have left some. What they have come to is not this one's, but they
        // have
        // to end before it starts.
        seen.removeIf(p -> !isOf(build, p) && !BuilderPod.isAtWork(p));
        for (String named : namedPods(build)) {
            boolean isSeen =
                    seen.stream().anyMatch(p -> p.getMetadata().getName().equals(named));
            if (!isSeen) {
                pods.get(build.getMetadata().getNamespace(), named)
                        .filter(p -> isOf(build, p))
                        .ifPresent(seen::add);
            }
        }
        return seen.stream()
                .map(p ->
                        BuilderPod.of(p, logs.progress(key(p)).current(), isLongPending(p) ? events.of(p) : List.of()))
                .toList();
    }

    private static boolean isOf(ImageBuild build, Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> build.getMetadata().getUid().equals(o.getUid()));
    }

    /// Most pods start at once, and then nobody needs to know what is said of them. Of one that no node takes, at once;
    /// but one that no scheduler has come to yet has only more of its kind before it.
    private boolean isLongPending(Pod pod) {
        Duration patience = pod.getSpec().getNodeName() == null ? UNTIL_SCHEDULED : BuilderPod.TIME_TO_START;
        return BuilderPod.isPending(pod)
                && (BuilderPod.isUnschedulable(pod)
                        || !clock.instant()
                                .isBefore(BuilderPod.pendingSince(pod).plus(patience)));
    }

    /// The pods of attempts that have not ended.
    private static List<String> namedPods(ImageBuild build) {
        Stream<BuildStatus> ofPlatforms =
                PlatformViews.platforms(build).stream().map(PlatformStatus::build);
        Stream<BuildStatus> own = Stream.ofNullable(build.getStatus()).map(ImageBuildStatus::build);
        return Stream.concat(own, ofPlatforms)
                .filter(Objects::nonNull)
                .filter(b -> b.finishedAt() == null)
                .map(BuildStatus::pod)
                .filter(Objects::nonNull)
                .toList();
    }

    /// At least a moment, so that a clock that runs a little ahead makes no hot loop.
    static UpdateControl<ImageBuild> lookAgain(Optional<Duration> after) {
        long millis = after.orElse(LONGEST_REST).toMillis();
        UpdateControl<ImageBuild> control = UpdateControl.noUpdate();
        return control.rescheduleAfter(Math.clamp(millis, 100, LONGEST_REST.toMillis()));
    }

    private static PodKey key(Pod pod) {
        var metadata = pod.getMetadata();
        return new PodKey(
                metadata.getNamespace(), metadata.getName(), metadata.getUid() == null ? "" : metadata.getUid());
    }
}
