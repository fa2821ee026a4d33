package build.kiln.operator.policy;

import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What has to happen to an ImageBuild now.
public sealed interface Verdict {

    /// The last build answers the present spec, or its failure stands: nothing.
    record Settled() implements Verdict {}

    /// The spec has changed, but not in what decides about the image: the last build stands for this generation, too.
    record StillBuilt() implements Verdict {}

    /// The spec has changed, but not in what decides about the image or its pods: the build that is under way is one of
    /// this generation, too.
    record StillWanted() implements Verdict {}

    /// `spec.suspend` is true.
    ///
    /// @param isBuilt the last build answers the present spec
    record Suspended(List<BuilderPod> toStop, boolean isBuilt) implements Verdict {}

    /// Pods of what is no longer wanted have to end before the build may start: two at once could push in the wrong
    /// order.
    record Superseding(List<BuilderPod> toStop) implements Verdict {}

    /// The attempt should start as soon as the queue lets it.
    record Due(Attempt attempt) implements Verdict {}

    /// The pod is there. It has ended, or it works, or it waits for something.
    record Building(BuilderPod pod, Instant overdueAt) implements Verdict {}

    /// The attempt failed, and there is to be another one.
    ///
    /// @param uncounted the attempts by now that are no retries
    record RetryLater(
            Result.Failed failure,
            Instant at,
            Uncounted uncounted,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod)
            implements Verdict {}

    /// The node gives the pod no user namespace. The next attempt has a weaker isolation, and may come at once.
    record LowerRung(Result.Failed failure, Instant at, Uncounted uncounted, BuilderPod pod) implements Verdict {}

    /// All steps are done, and the registry could not take the image. Only the push is tried again.
    ///
    /// @param pendingPushes how many attempts have come to this by now
    record PushLater(
            Result.Failed failure,
            Instant at,
            int pendingPushes,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod)
            implements Verdict {}

    /// The time for the next attempt has not come.
    record Waiting(Instant until) implements Verdict {}

    record Succeeded(BuildReport report, Result.Succeeded result, BuilderPod pod) implements Verdict {}

    /// It failed for good, until something changes.
    ///
    /// @param attempt what failed, if it never had a pod: a spec that is refused
    /// @param lookAgain when it is tried again all the same, because a Secret may have changed
    record Failed(
            Result.Failed failure,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod,
            List<BuilderPod> toStop,
            Optional<Attempt> attempt,
            Optional<Instant> lookAgain)
            implements Verdict {}

    /// It failed for good, and nothing is looked at again.
    static Failed failed(
            Result.Failed failure, Optional<BuildReport> report, Optional<BuilderPod> pod, List<BuilderPod> toStop) {
        return new Failed(failure, report, pod, toStop, Optional.empty(), Optional.empty());
    }
}
