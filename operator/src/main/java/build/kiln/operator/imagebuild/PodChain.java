package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.policy.PodState;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.policy.Verdict;
import build.kiln.operator.progress.LogFollower;
import build.kiln.operator.progress.PodKey;
import build.kiln.operator.progress.Progress;
import build.kiln.operator.status.News;
import build.kiln.protocol.Rung;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// One pod after the other, attempt by attempt, until there is an image or a failure that stands: the whole of a build
/// for one platform, and a part of one for several.
final class PodChain {

    private static final Duration LOOK_AT_DELAYED = Duration.ofSeconds(10);
    private static final Duration EVENTS_OFTEN = Duration.ofSeconds(2);
    private static final Duration FIRST_WORDS = Duration.ofSeconds(1);
    private static final Duration EVENTS_SELDOM = Duration.ofSeconds(30);

    private final Clock clock;
    private final Judge judge;
    private final BuilderPodsInCluster pods;
    private final AdmittedRungs rungs;
    private final LogFollower logs;
    private final ProgressEvents progressEvents;
    private final Retention retention;

    PodChain(
            Clock clock,
            Judge judge,
            BuilderPodsInCluster pods,
            AdmittedRungs rungs,
            LogFollower logs,
            ProgressEvents progressEvents,
            Retention retention) {
        this.clock = clock;
        this.judge = judge;
        this.pods = pods;
        this.rungs = rungs;
        this.logs = logs;
        this.progressEvents = progressEvents;
        this.retention = retention;
    }

    /// Judges and acts.
    ///
    /// @param seen the pods of this chain
    /// @param start what makes the pod of an attempt that is due
    Outcome advance(ImageBuild build, List<BuilderPod> seen, Function<Attempt, Outcome> start) {
        return advance(build, seen, seen, start);
    }

    /// @param all these and the pods of chains that this one comes after: what rests, rests with it
    Outcome advance(ImageBuild build, List<BuilderPod> seen, List<BuilderPod> all, Function<Attempt, Outcome> start) {
        Verdict verdict = judge.judge(build, seen);
        return act(build, verdict, start).then(() -> forgetFinished(build, seen, all, verdict));
    }

    private Outcome act(ImageBuild build, Verdict verdict, Function<Attempt, Outcome> start) {
        String namespace = build.getMetadata().getNamespace();
        return switch (verdict) {
            case Verdict.Settled() -> Outcome.nothing();
            case Verdict.StillBuilt() -> Outcome.of(new News.StillBuilt());
            // Once that is written down, the build is looked at as any other of this generation.
            case Verdict.StillWanted() -> Outcome.of(new News.StillWanted(), Duration.ZERO);
            case Verdict.Suspended(List<BuilderPod> toStop, boolean isBuilt) -> {
                pods.delete(namespace, toStop, "spec.suspend");
                yield Outcome.of(new News.Suspended(isBuilt));
            }
            case Verdict.Superseding(List<BuilderPod> toStop) -> {
                pods.delete(namespace, toStop, "superseded");
                yield Outcome.of(superseding(toStop), LOOK_AT_DELAYED);
            }
            case Verdict.Due(Attempt attempt) -> started(attempt, start.apply(attempt));
            case Verdict.Building(BuilderPod pod, Instant overdueAt) -> watch(build, pod, overdueAt);
            case Verdict.Waiting(Instant until) -> Outcome.lookingAgain(Duration.between(clock.instant(), until));
            case Verdict.RetryLater(var failure, Instant at, Uncounted uncounted, var report, var pod) ->
                Outcome.of(
                        new News.Retrying(failure, at, uncounted, report, pod, progress(build, pod)),
                        Duration.between(clock.instant(), at));
            case Verdict.LowerRung(var failure, Instant at, Uncounted uncounted, BuilderPod pod) -> {
                rungs.leaveOut(namespace, Rung.USERNS, pod.circumstances(), failure.message());
                News news =
                        new News.Retrying(failure, at, uncounted, Optional.empty(), Optional.of(pod), Progress.NONE);
                yield Outcome.of(news, Duration.ZERO)
                        .then(() ->
                                pods.delete(namespace, pod.isActive() ? List.of(pod) : List.of(), failure.reason()));
            }
            case Verdict.PushLater(var failure, Instant at, int pending, var report, var pod) ->
                Outcome.of(
                        new News.PushPending(failure, at, pending, report, pod, progress(build, pod)),
                        Duration.between(clock.instant(), at));
            case Verdict.Succeeded(var report, var result, BuilderPod pod) ->
                Outcome.of(new News.Succeeded(report, result, pod, progress(build, Optional.of(pod))));
            case Verdict.Failed(var failure, var report, var pod, var toStop, var attempt, var lookAgain) -> {
                News news = new News.Failed(failure, report, pod, progress(build, pod), attempt, lookAgain);
                // First what is known of them, which nobody could tell without them.
                yield lookAgain
                        .map(at -> Outcome.of(news, Duration.between(clock.instant(), at)))
                        .orElseGet(() -> Outcome.of(news))
                        .then(() -> pods.delete(namespace, toStop, failure.reason()));
            }
        };
    }

    /// As long as it has not begun, the status says why it is wanted.
    private static Outcome started(Attempt attempt, Outcome outcome) {
        return attempt.isRetry()
                ? outcome
                : outcome.after(List.of(new News.Due(attempt.why(), Optional.empty())), Optional.empty(), List.of());
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
            case PodState.Running() -> {
                if (logs.follow(key, () -> progressEvents.propagateEvent(id))) {
                    // The log is about to say more: one write for both.
                    return Outcome.lookingAgain(FIRST_WORDS);
                }
            }
            case PodState.Waiting waiting -> {
                if (pod.isStarting(clock.instant())) {
                    // One write for its node and its first words.
                    return Outcome.lookingAgain(BuilderPod.TIME_TO_START);
                }
                hold = waiting.hold();
            }
            case PodState.Reported reported -> {}
            case PodState.Died died -> {}
        }
        Duration untilOverdue = Duration.between(clock.instant(), overdueAt);
        boolean isEventExpected = pod.state() instanceof PodState.Waiting && !pod.isHeldBack();
        Duration lookAgain = isEventExpected ? untilEvents(pod) : untilOverdue;
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

    /// Lets go of what nobody needs any more: logs of pods that ended, pods beyond the history. And of what should not
    /// be there any more: nobody waits for a pod of a build that has ended.
    private void forgetFinished(ImageBuild build, List<BuilderPod> seen, List<BuilderPod> all, Verdict verdict) {
        String namespace = build.getMetadata().getNamespace();
        seen.stream().filter(p -> !p.isActive()).forEach(p -> logs.forget(key(build, p)));
        boolean hasEnded = verdict instanceof Verdict.Succeeded
                || verdict instanceof Verdict.Failed
                || verdict instanceof Verdict.PushLater
                || verdict instanceof Verdict.LowerRung
                || verdict instanceof Verdict.RetryLater;
        boolean isAtRest = verdict instanceof Verdict.Settled
                || verdict instanceof Verdict.StillBuilt
                || verdict instanceof Verdict.Suspended
                || verdict instanceof Verdict.Waiting;
        if (hasEnded || isAtRest) {
            List<BuilderPod> tooMany =
                    retention.tooMany(isAtRest ? all : seen, build.getSpec().history(), clock.instant());
            pods.delete(namespace, tooMany, "spec.history and KILN_KEEP_PODS");
        }
        if (verdict instanceof Verdict.Settled) {
            pods.delete(namespace, all.stream().filter(BuilderPod::isActive).toList(), "the build has ended");
        }
    }

    private static PodKey key(ImageBuild build, BuilderPod pod) {
        return new PodKey(build.getMetadata().getNamespace(), pod.name(), pod.uid());
    }
}
