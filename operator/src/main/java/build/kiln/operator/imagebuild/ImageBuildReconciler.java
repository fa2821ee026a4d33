package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.PodNames;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.policy.PodState;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Verdict;
import build.kiln.operator.progress.LogFollower;
import build.kiln.operator.progress.PodKey;
import build.kiln.operator.progress.Progress;
import build.kiln.operator.queue.Limits;
import build.kiln.operator.status.News;
import build.kiln.operator.status.StatusWriter;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Brings each ImageBuild nearer to what it wants: looks, judges, acts, writes down, and says when to look again.
public final class ImageBuildReconciler implements Reconciler<ImageBuild> {

    private static final Duration LOOK_AT_DELAYED = Duration.ofSeconds(10);
    private static final Duration EVENTS_OFTEN = Duration.ofSeconds(2);
    private static final Duration EVENTS_SELDOM = Duration.ofSeconds(30);

    private final Clock clock;
    private final Judge judge;
    private final BuilderPods desiredPods;
    private final BuilderPodsInCluster pods;
    private final CacheClaimsInCluster claims;
    private final AdmittedRungs rungs;
    private final PodEvents events;
    private final LogFollower logs;
    private final StatusRecorder recorder;
    private final Limits limits;
    private final ProgressEvents progressEvents;
    private volatile Optional<Cluster> cluster = Optional.empty();
    private volatile Optional<BuildStart> starts = Optional.empty();

    public ImageBuildReconciler(
            KubernetesClient client,
            Clock clock,
            BuilderPods desiredPods,
            Limits limits,
            LogFollower logs,
            BuildMetrics metrics) {
        this.clock = clock;
        this.judge = new Judge(clock, desiredPods.settings().platform());
        this.desiredPods = desiredPods;
        this.pods = new BuilderPodsInCluster(client);
        this.claims = new CacheClaimsInCluster(client);
        this.rungs = new AdmittedRungs(pods, clock);
        this.events = new PodEvents(client);
        this.logs = logs;
        this.limits = limits;
        this.recorder = new StatusRecorder(new StatusWriter(clock), new Announcer(client, clock), metrics);
        this.progressEvents = new ProgressEvents();
    }

    @Override
    public List<EventSource<?, ImageBuild>> prepareEventSources(EventSourceContext<ImageBuild> context) {
        var configuration = InformerEventSourceConfiguration.from(Pod.class, ImageBuild.class)
                .withName("builder-pods")
                .withLabelSelector(PodNames.MANAGED_BY + "=" + PodNames.MANAGED_BY_KILN)
                .withNamespacesInheritedFromController()
                .build();
        var podEvents = new InformerEventSource<>(configuration, context);
        var builds = context.getPrimaryCache();
        // One by one, because only so the cache hands out what was written a moment ago.
        Cluster here = new Cluster(
                limits,
                clock,
                () -> builds.list()
                        .map(b -> builds.get(ResourceID.fromResource(b)).orElse(b)),
                () -> podEvents.list());
        cluster = Optional.of(here);
        starts = Optional.of(new BuildStart(desiredPods, pods, claims, rungs, here));
        return List.of(podEvents, progressEvents);
    }

    /// How many builder pods are at work, as the cache has it.
    public long podsAtWork() {
        return cluster.map(Cluster::atWork).orElse(0L);
    }

    @Override
    public UpdateControl<ImageBuild> reconcile(ImageBuild build, Context<ImageBuild> context) {
        if (build.isMarkedForDeletion()) {
            // The pods go with their owner, and nothing outside the cluster is left to be cleaned up.
            return UpdateControl.noUpdate();
        }
        List<BuilderPod> seen = look(build, context);
        Verdict verdict = judge.judge(build, seen);
        Outcome outcome = act(build, verdict);
        boolean isWritten =
                outcome.news().map(n -> recorder.record(build, n, context)).orElse(true);
        forgetFinished(build, seen, verdict);
        return lookAgain(isWritten ? outcome.lookAgain() : Optional.of(StatusRecorder.AFTER_CONFLICT));
    }

    /// The ImageBuild's pods. The one that its status names is only taken for gone if the API server itself says so:
    /// the cache may not know it yet.
    private List<BuilderPod> look(ImageBuild build, Context<ImageBuild> context) {
        List<Pod> seen = new ArrayList<>(context.getSecondaryResources(Pod.class));
        String named = Optional.ofNullable(build.getStatus())
                .map(ImageBuildStatus::build)
                .map(BuildStatus::pod)
                .orElse("");
        boolean isSeen = seen.stream().anyMatch(p -> p.getMetadata().getName().equals(named));
        if (!named.isEmpty() && !isSeen && !isSettled(build)) {
            pods.get(build.getMetadata().getNamespace(), named)
                    .filter(p -> p.getMetadata().getOwnerReferences().stream()
                            .anyMatch(o -> build.getMetadata().getUid().equals(o.getUid())))
                    .ifPresent(seen::add);
        }
        return seen.stream()
                .map(p -> BuilderPod.of(
                        p, logs.progress(key(p)).current(), BuilderPod.isPending(p) ? events.of(p) : List.of()))
                .toList();
    }

    private static boolean isSettled(ImageBuild build) {
        ImageBuildStatus status = build.getStatus();
        return status != null && status.build() != null && status.build().finishedAt() != null;
    }

    private Outcome act(ImageBuild build, Verdict verdict) {
        String namespace = build.getMetadata().getNamespace();
        return switch (verdict) {
            case Verdict.Settled() -> Outcome.nothing();
            case Verdict.StillBuilt() -> Outcome.of(new News.StillBuilt());
            case Verdict.Suspended(List<BuilderPod> toStop, boolean isBuilt) -> {
                pods.delete(namespace, toStop, "spec.suspend");
                yield Outcome.of(new News.Suspended(isBuilt));
            }
            case Verdict.Superseding(List<BuilderPod> toStop) -> {
                pods.delete(namespace, toStop, "superseded");
                yield Outcome.of(superseding(toStop), LOOK_AT_DELAYED);
            }
            case Verdict.Due(Attempt attempt) -> starts.orElseThrow().start(build, attempt);
            case Verdict.Building(BuilderPod pod, Instant overdueAt) -> watch(build, pod, overdueAt);
            case Verdict.Waiting(Instant until) ->
                new Outcome(Optional.empty(), Optional.of(Duration.between(clock.instant(), until)));
            case Verdict.RetryLater(var failure, Instant at, var report, var pod) ->
                Outcome.of(
                        new News.Retrying(failure, at, report, pod, progress(build, pod)),
                        Duration.between(clock.instant(), at));
            case Verdict.LowerRung(var failure, Instant at, BuilderPod pod) -> {
                rungs.leaveOut(namespace, Rung.USERNS, failure.message());
                pods.delete(namespace, pod.isActive() ? List.of(pod) : List.of(), failure.reason());
                yield Outcome.of(
                        new News.Retrying(failure, at, Optional.empty(), Optional.of(pod), Progress.NONE),
                        Duration.ZERO);
            }
            case Verdict.PushLater(var failure, Instant at, int pending, var report, var pod) ->
                Outcome.of(
                        new News.PushPending(failure, at, pending, report, pod, progress(build, pod)),
                        Duration.between(clock.instant(), at));
            case Verdict.Succeeded(var report, var result, BuilderPod pod) ->
                Outcome.of(new News.Succeeded(report, result, pod, progress(build, Optional.of(pod))));
            case Verdict.Failed(var failure, var report, var pod, List<BuilderPod> toStop, var attempt) -> {
                pods.delete(namespace, toStop, failure.reason());
                yield Outcome.of(new News.Failed(failure, report, pod, progress(build, pod), attempt));
            }
        };
    }

    private static News superseding(List<BuilderPod> toStop) {
        String names = String.join(", ", toStop.stream().map(BuilderPod::name).toList());
        return new News.Delayed(
                Reasons.Superseding, "The build starts when %s, of an earlier wish, has ended.".formatted(names));
    }

    private Outcome watch(ImageBuild build, BuilderPod pod, Instant overdueAt) {
        ResourceID id = ResourceID.fromResource(build);
        PodKey key = key(build, pod);
        Hold hold = Hold.NOTHING;
        switch (pod.state()) {
            case PodState.Running() -> logs.follow(key, () -> progressEvents.propagateEvent(id));
            case PodState.Waiting waiting -> hold = waiting.hold();
            case PodState.Reported reported -> {}
            case PodState.Died died -> {}
        }
        Duration untilOverdue = Duration.between(clock.instant(), overdueAt);
        Duration lookAgain = pod.state() instanceof PodState.Waiting ? untilEvents(pod) : untilOverdue;
        return Outcome.of(
                new News.Working(pod, hold, logs.progress(key)),
                untilOverdue.isPositive() ? earlier(untilOverdue, lookAgain) : LOOK_AT_DELAYED);
    }

    /// Nobody tells of Events. The longer a pod waits already, the less is likely to change.
    private Duration untilEvents(BuilderPod pod) {
        Duration age = Duration.between(pod.createdAt(), clock.instant()).dividedBy(4);
        return earlier(age.compareTo(EVENTS_OFTEN) < 0 ? EVENTS_OFTEN : age, EVENTS_SELDOM);
    }

    private static Duration earlier(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Progress progress(ImageBuild build, Optional<BuilderPod> pod) {
        return pod.map(p -> logs.progress(key(build, p))).orElse(Progress.NONE);
    }

    /// Lets go of what nobody needs any more: logs of pods that ended, pods beyond the history, a place in the queue.
    private void forgetFinished(ImageBuild build, List<BuilderPod> seen, Verdict verdict) {
        seen.stream().filter(p -> !p.isActive()).forEach(p -> logs.forget(key(build, p)));
        boolean hasEnded = verdict instanceof Verdict.Succeeded
                || verdict instanceof Verdict.Failed
                || verdict instanceof Verdict.PushLater
                || verdict instanceof Verdict.LowerRung
                || verdict instanceof Verdict.RetryLater;
        if (hasEnded) {
            cluster.ifPresent(c -> c.giveBack(build));
        }
        // One that starts may be followed by another, and one that ends makes room.
        if (hasEnded || verdict instanceof Verdict.Due || verdict instanceof Verdict.Suspended) {
            cluster.flatMap(Cluster::next)
                    .filter(id -> !id.equals(ResourceID.fromResource(build)))
                    .ifPresent(progressEvents::propagateEvent);
        }
        if (hasEnded || verdict instanceof Verdict.Settled) {
            List<BuilderPod> tooMany = Retention.tooMany(seen, build.getSpec().history());
            pods.delete(build.getMetadata().getNamespace(), tooMany, "spec.history");
        }
    }

    private static UpdateControl<ImageBuild> lookAgain(Optional<Duration> after) {
        UpdateControl<ImageBuild> control = UpdateControl.noUpdate();
        // At least a moment, so that a clock that runs a little ahead makes no hot loop.
        after.ifPresent(d -> control.rescheduleAfter(Math.max(100, d.toMillis())));
        return control;
    }

    private static PodKey key(Pod pod) {
        var metadata = pod.getMetadata();
        return new PodKey(
                metadata.getNamespace(), metadata.getName(), metadata.getUid() == null ? "" : metadata.getUid());
    }

    private static PodKey key(ImageBuild build, BuilderPod pod) {
        return new PodKey(build.getMetadata().getNamespace(), pod.name(), pod.uid());
    }
}
