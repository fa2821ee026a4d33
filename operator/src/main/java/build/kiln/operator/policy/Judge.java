package build.kiln.operator.policy;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.DueBuild;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides what has to happen to an ImageBuild, from what is seen alone: its spec, its status and its pods.
///
/// Whatever happened before, whoever restarted: the same sight gives the same verdict.
public final class Judge {

    /// Beyond its timeout, a pod is given that much more to be ended by itself or by the kubelet.
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /// So many attempts of a build may end because their node refused their isolation.
    private static final int MOST_REFUSALS = 3;

    /// The scheduler's words for nodes that the pod's node selector or affinity does not allow.
    private static final String OF_ANOTHER_KIND = "node affinity/selector";

    private final Clock clock;
    private final Duration platformWait;
    private final FailureJudge failures;

    /// @param platformWait so long a pod may find no node of the platform that the user asks for
    public Judge(Clock clock, Duration platformWait) {
        this.clock = clock;
        this.platformWait = platformWait;
        this.failures = new FailureJudge(clock);
    }

    /// @param pods all builder pods of the ImageBuild; the one that its status names must be missing only if it is gone
    public Verdict judge(ImageBuild build, List<BuilderPod> pods) {
        List<BuilderPod> active = pods.stream()
                .filter(BuilderPod::isActive)
                .filter(p -> !p.isLost(clock.instant()))
                .toList();
        if (build.getSpec().suspend()) {
            return new Verdict.Suspended(active, isBuilt(build));
        }
        if (!isCurrent(build)) {
            Optional<Result.Failed> refusal = Refusals.of(build.getSpec());
            if (refusal.isPresent()) {
                return refused(firstAttempt(build), refusal.get(), active);
            }
            if (isStillWanted(build)) {
                return new Verdict.StillWanted();
            }
            return isBuilt(build) && !isDue(build) ? new Verdict.StillBuilt() : start(firstAttempt(build), active);
        }
        BuildStatus current = Objects.requireNonNull(status(build).build());
        Phase phase = status(build).phase();
        boolean isLookedAtAgain = phase == Phase.Failed && current.nextAttemptAt() != null;
        if (phase == Phase.Succeeded || phase == Phase.Failed && !isLookedAtAgain) {
            return new Verdict.Settled();
        }
        if (current.nextAttemptAt() != null) {
            Instant at = Instant.parse(current.nextAttemptAt());
            return clock.instant().isBefore(at) ? new Verdict.Waiting(at) : start(nextAttempt(build, current), active);
        }
        if (current.pod() == null) {
            return start(sameAttempt(build, current), active);
        }
        return pods.stream()
                .filter(p -> p.name().equals(current.pod()))
                .findFirst()
                .map(pod -> judgePod(build, current, pod))
                .orElseGet(() -> podIsGone(build, current));
    }

    /// Whether the status speaks of a build of what is now wanted.
    private boolean isCurrent(ImageBuild build) {
        ImageBuildStatus status = status(build);
        BuildStatus last = status.build();
        if (last == null
                || !Objects.equals(last.generation(), build.getMetadata().getGeneration())
                || isRebuildRequested(build)
                || isDue(build)) {
            return false;
        }
        if (status.phase() == Phase.Suspended) {
            return false;
        }
        // What an earlier release refused may have become possible.
        boolean wasRefused = status.phase() == Phase.Failed
                && last.pod() == null
                && status.failure() != null
                && status.failure().reason().equals("NotSupportedYet");
        return !wasRefused;
    }

    /// Whether the last build succeeded with a spec that makes the same image.
    private static boolean isBuilt(ImageBuild build) {
        ImageBuildStatus status = status(build);
        boolean succeeded = status.conditions().stream()
                .anyMatch(c -> c.type().equals("Succeeded") && c.status() == Condition.Status.True);
        return succeeded
                && status.build() != null
                && SpecDigest.isOfSameImage(build.getSpec(), status.build().specDigest())
                && !isRebuildRequested(build);
    }

    /// Whether a build is under way, be it between two attempts, that is of an earlier generation and whose pods would
    /// be made the same way now.
    private static boolean isStillWanted(ImageBuild build) {
        ImageBuildStatus status = status(build);
        return status.build() instanceof BuildStatus last
                && last.startedAt() != null
                && (last.finishedAt() == null || last.nextAttemptAt() != null)
                && status.phase() != Phase.Failed
                && status.phase() != Phase.Suspended
                && !Objects.equals(last.generation(), build.getMetadata().getGeneration())
                && SpecDigest.isOfSamePod(build.getSpec(), last.specDigest())
                && !isRebuildRequested(build);
    }

    /// Whether the status has written down a build that is wanted, and the last one has ended: one that runs is let
    /// alone.
    private static boolean isDue(ImageBuild build) {
        BuildStatus last = status(build).build();
        return status(build).due() != null
                && last != null
                && last.finishedAt() != null
                && (last.nextAttemptAt() == null || status(build).phase() == Phase.Failed);
    }

    /// Whether the annotation asks for a build that has not begun. Tools that take the annotation away again, since it
    /// is
    /// not in git, ask for none.
    private static boolean isRebuildRequested(ImageBuild build) {
        String requested = rebuildRequestedAt(build);
        return requested != null && !requested.equals(status(build).rebuildRequestedAt());
    }

    /// The last request that a build which begins or goes on now answers.
    private static @Nullable String answered(ImageBuild build) {
        String requested = rebuildRequestedAt(build);
        return requested == null ? status(build).rebuildRequestedAt() : requested;
    }

    private static Verdict start(Attempt attempt, List<BuilderPod> active) {
        List<BuilderPod> others = active.stream()
                .filter(p -> p.generation() != attempt.generation() || p.attempt() != attempt.number())
                .toList();
        return others.isEmpty() ? new Verdict.Due(attempt) : new Verdict.Superseding(others);
    }

    /// The verdict for a spec that no builder can be asked to build.
    private static Verdict refused(Attempt attempt, Result.Failed failure, List<BuilderPod> toStop) {
        return new Verdict.Failed(
                failure, Optional.empty(), Optional.empty(), toStop, Optional.of(attempt), Optional.empty());
    }

    /// The failure of a build for several platforms that failed with this one.
    public static Result.Failed ofPlatform(String platform, FailureStatus failure) {
        return new Result.Failed(
                failure.reason(),
                Fault.USER,
                platform + ": " + failure.message(),
                failure.step(),
                failure.exitCode(),
                failure.log() == null ? List.of() : List.of(failure.log().split("\n", -1)));
    }

    private Attempt firstAttempt(ImageBuild build) {
        long generation = build.getMetadata().getGeneration();
        BuildStatus last = status(build).build();
        if (last == null) {
            return new Attempt(generation, 0, 0, BuildReason.Created, answered(build), Optional.empty());
        }
        if (!Objects.equals(last.generation(), generation)) {
            BuildReason why = isBuilt(build) ? dueReason(build, last) : BuildReason.SpecChange;
            return new Attempt(generation, 0, 0, why, answered(build), Optional.empty());
        }
        int number = last.attempt() == null ? 0 : last.attempt() + 1;
        BuildReason why = isRebuildRequested(build) ? BuildReason.Requested : dueReason(build, last);
        return new Attempt(generation, number, number, why, answered(build), Optional.empty());
    }

    private static BuildReason dueReason(ImageBuild build, BuildStatus last) {
        DueBuild due = status(build).due();
        return BuildReason.of(due == null ? last.reason() : due.reason());
    }

    /// An attempt that has begun, and whose pod is still to come.
    private static Attempt sameAttempt(ImageBuild build, BuildStatus current) {
        return new Attempt(
                build.getMetadata().getGeneration(),
                attempt(current),
                firstAttempt(current),
                BuildReason.of(current.reason()),
                answered(build),
                Uncounted.of(current),
                Optional.ofNullable(current.startedAt()).map(Instant::parse));
    }

    private static Attempt nextAttempt(ImageBuild build, BuildStatus last) {
        return new Attempt(
                build.getMetadata().getGeneration(),
                attempt(last) + 1,
                firstAttempt(last),
                BuildReason.of(last.reason()),
                answered(build),
                Uncounted.of(last),
                Optional.ofNullable(last.startedAt()).map(Instant::parse));
    }

    private Verdict judgePod(ImageBuild build, BuildStatus current, BuilderPod pod) {
        return switch (pod.state()) {
            case PodState.Reported(BuildReport report) ->
                switch (report.result()) {
                    case Result.Succeeded result -> new Verdict.Succeeded(report, result, pod);
                    case Result.UpToDate answer -> notAsked(build, current, pod);
                    case Result.Moved answer -> notAsked(build, current, pod);
                    // A builder that was told to stop only knows that somebody did.
                    case Result.Failed failure
                    when pod.isLeaving() && failure.reason().equals("Interrupted") -> podIsGone(build, current);
                    case Result.Failed failure ->
                        failures.judge(build, current, failure, Optional.of(report), Optional.of(pod));
                };
            case PodState.Died(Result.Failed failure)
            when mayLower(current, failure.reason()) -> lowerRung(current, failure, pod);
            case PodState.Waiting(Hold hold)
            when !pod.isLeaving() && mayLower(current, hold.reason()) ->
                lowerRung(current, failed(Reasons.UserNamespaceRefused, hold.message()), pod);
            case PodState.Died(Result.Failed failure) ->
                failures.judge(build, current, failure, Optional.empty(), Optional.of(pod));
            case PodState.Waiting waiting
            when pod.isLost(clock.instant()) ->
                failures.judge(build, current, nodeLost(pod), Optional.empty(), Optional.of(pod));
            case PodState.Running running
            when pod.isLost(clock.instant()) ->
                failures.judge(build, current, nodeLost(pod), Optional.empty(), Optional.of(pod));
            case PodState.Waiting(Hold hold) -> judgeActive(build, current, pod, hold);
            case PodState.Running() -> judgeActive(build, current, pod, Hold.NOTHING);
        };
    }

    private Verdict notAsked(ImageBuild build, BuildStatus current, BuilderPod pod) {
        Result.Failed failure = failed(
                Reasons.ReportUnreadable,
                "Pod %s was asked for an image, and reported on base images. Report this as a bug."
                        .formatted(pod.name()));
        return failures.judge(build, current, failure, Optional.empty(), Optional.of(pod));
    }

    /// An attempt that never ran is no retry. But a cluster where each node refuses anew must not make pods for ever.
    private static boolean mayLower(BuildStatus current, String reason) {
        return Reasons.isOneOf(reason, Reasons.UserNamespaceRefused)
                && Uncounted.of(current).refusals() < MOST_REFUSALS;
    }

    private Verdict lowerRung(BuildStatus current, Result.Failed failure, BuilderPod pod) {
        return new Verdict.LowerRung(
                failure, clock.instant(), Uncounted.of(current).andRefusal(), pod);
    }

    private static Result.Failed nodeLost(BuilderPod pod) {
        return failed(
                Reasons.Disrupted,
                "Pod %s was to be gone by %s, and node %s has not said that it is: the node does not answer. The build goes on from its last finished step."
                        .formatted(
                                pod.name(),
                                pod.leavesBy().orElseThrow(),
                                pod.node().orElse("")));
    }

    /// Since when the pod's time limit counts. When Kueue let it go, only the status knows.
    private static Optional<Instant> limitedFrom(BuildStatus current, BuilderPod pod) {
        Optional<Instant> letGo = pod.isHeldBack()
                ? Optional.empty()
                : Optional.ofNullable(current.letGoAt()).map(Instant::parse);
        return pod.limitedFrom().or(() -> letGo);
    }

    private Verdict judgeActive(ImageBuild build, BuildStatus current, BuilderPod pod, Hold hold) {
        if (pod.leavesBy().isPresent()) {
            return new Verdict.Building(pod, pod.leavesBy().get().plus(BuilderPod.NODE_PATIENCE));
        }
        Duration timeout = GoDuration.parse(build.getSpec().timeout());
        Optional<Instant> limitedFrom = limitedFrom(current, pod);
        if (limitedFrom.isEmpty()) {
            return new Verdict.Building(pod, clock.instant().plus(timeout));
        }
        Instant overdueAt = limitedFrom.get().plus(timeout).plus(PATIENCE);
        if (lacksNodeOfPlatform(build, hold)) {
            Instant until = limitedFrom.get().plus(platformWait);
            if (!clock.instant().isBefore(until)) {
                return noNode(build, pod, hold);
            }
            overdueAt = until.isBefore(overdueAt) ? until : overdueAt;
        }
        if (clock.instant().isBefore(overdueAt)) {
            return new Verdict.Building(pod, overdueAt);
        }
        String held = hold.isNothing() ? "" : " It waited for this: " + hold.message() + ". " + hold.advice();
        Result.Failed failure = failed(
                Reasons.TimedOut,
                "Pod %s was not done after %s (spec.timeout) and was stopped.%s Raise spec.timeout, or make the build shorter."
                        .formatted(pod.name(), build.getSpec().timeout(), held));
        return Verdict.failed(failure, Optional.empty(), Optional.of(pod), List.of(pod));
    }

    /// A node of a platform that nobody asked for by name is more likely to come than one that was never there.
    private static boolean lacksNodeOfPlatform(ImageBuild build, Hold hold) {
        return !build.getSpec().platforms().isEmpty()
                && Reasons.isOneOf(hold.reason(), Reasons.Unschedulable)
                && isForNoNode(hold.message());
    }

    /// Whether the scheduler says that each node is of another kind, or keeps such pods away. One that is only full, or
    /// not ready, may take the pod later.
    private static boolean isForNoNode(String words) {
        return words.contains(OF_ANOTHER_KIND)
                && Arrays.stream(words.split(", ", -1))
                        .allMatch(why -> why.contains(OF_ANOTHER_KIND)
                                || why.contains("taint") && !why.contains("{node.kubernetes.io/"));
    }

    private Verdict noNode(ImageBuild build, BuilderPod pod, Hold hold) {
        Result.Failed failure = failed(
                Reasons.NoNodeForPlatform,
                "No node took pod %s within %s (KILN_BUILDER_PLATFORM_WAIT): %s. spec.platforms asks for %s, so there has to be a node of that architecture which spec.pod.nodeSelector and spec.pod.affinity allow. Add one, or take the platform out of spec.platforms."
                        .formatted(pod.name(), GoDuration.format(platformWait), hold.message(), platform(build, pod)));
        return Verdict.failed(failure, Optional.empty(), Optional.of(pod), List.of(pod));
    }

    private static String platform(ImageBuild build, BuilderPod pod) {
        return build.getSpec().platforms().stream()
                .filter(p -> p.replaceAll("[^a-z0-9]", "-").equals(pod.part()))
                .findFirst()
                .orElse(String.join(", ", build.getSpec().platforms()));
    }

    private Verdict podIsGone(ImageBuild build, BuildStatus current) {
        Result.Failed failure = Kueue.deletion(build, current.pod())
                .orElseGet(() -> failed(
                        Reasons.PodDeleted,
                        "Pod %s was deleted before it had reported. The build goes on from its last finished step."
                                .formatted(current.pod())));
        return failures.judge(build, current, failure, Optional.empty(), Optional.empty());
    }

    private static Result.Failed failed(Reasons reason, String message) {
        Fault fault = reason.fault();
        return new Result.Failed(reason.name(), fault, message, null, null, List.of());
    }

    private static int attempt(BuildStatus status) {
        return status.attempt() == null ? 0 : status.attempt();
    }

    private static int firstAttempt(BuildStatus status) {
        return status.firstAttempt() == null ? 0 : status.firstAttempt();
    }

    private static ImageBuildStatus status(ImageBuild build) {
        return build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
    }

    private static @Nullable String rebuildRequestedAt(ImageBuild build) {
        var annotations = build.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(ImageBuild.REBUILD_REQUESTED_AT);
    }
}
