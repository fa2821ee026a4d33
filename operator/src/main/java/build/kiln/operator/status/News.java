package build.kiln.operator.status;

import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.PlatformStatus;
import build.kiln.crds.ScheduleStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the status has to say now.
public sealed interface News {

    /// What the status remembers, and what says nothing of how the build stands.
    sealed interface Note extends News {}

    /// A build is wanted. What is wanted already stays as it is, unless nobody asked for it and now somebody does.
    ///
    /// @param revision of the source, if that made it wanted
    record Due(BuildReason reason, Optional<String> revision) implements Note {}

    /// When the image is built again by its schedule; empty if it has none.
    record Scheduled(Optional<ScheduleStatus> schedule) implements Note {}

    /// Base images were looked at; empty if nobody looks at them any more.
    record BaseImagesChecked(Optional<BaseImagesCheck> check) implements Note {}

    /// It cannot start yet, and will by itself.
    record Delayed(Reasons reason, String message) implements News {}

    /// It cannot start, and somebody has to do something. It is tried again all the same.
    record Blocked(Reasons reason, String message) implements News {}

    /// The pod of an attempt was created.
    ///
    /// @param artifactDigest of the Flux artifact that it builds; empty for other sources
    record Started(Attempt attempt, String pod, Optional<String> artifactDigest) implements News {
        public Started(Attempt attempt, String pod) {
            this(attempt, pod, Optional.empty());
        }
    }

    /// The images of several platforms are on their way, or there.
    ///
    /// @param attempt of the whole build
    /// @param retried why attempts at single platforms have just ended that are tried again
    record Platforms(Attempt attempt, List<PlatformStatus> platforms, List<String> retried) implements News {
        public Platforms {
            platforms = List.copyOf(platforms);
            retried = List.copyOf(retried);
        }
    }

    record Working(BuilderPod pod, Hold hold, Progress progress) implements News {}

    /// An attempt failed, and the next comes at `at`.
    ///
    /// @param uncounted the attempts by now that are no retries
    record Retrying(
            Result.Failed failure,
            Instant at,
            Uncounted uncounted,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod,
            Progress progress)
            implements News {}

    /// All steps are done, the registry could not take the image, and only the push is tried again at `at`.
    ///
    /// @param pendingPushes how many attempts have come to this by now
    record PushPending(
            Result.Failed failure,
            Instant at,
            int pendingPushes,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod,
            Progress progress)
            implements News {}

    record Succeeded(BuildReport report, Result.Succeeded result, BuilderPod pod, Progress progress) implements News {}

    /// @param attempt the attempt, if it had no pod
    /// @param lookAgain when it is tried again all the same, because a Secret may have changed
    record Failed(
            Result.Failed failure,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod,
            Progress progress,
            Optional<Attempt> attempt,
            Optional<Instant> lookAgain)
            implements News {}

    /// @param isBuilt the last build answers the present spec
    record Suspended(boolean isBuilt) implements News {}

    /// The last build stands for the present generation, too.
    record StillBuilt() implements News {}

    /// The build that is under way is one of the present generation, too.
    record StillWanted() implements News {}
}
