package build.kiln.operator.imagebuild;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Rebuild;
import build.kiln.operator.imagebuild.BuilderPodsInCluster.Creation;
import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.ChosenRung;
import build.kiln.operator.pod.PodNames;
import build.kiln.operator.pod.PodOrder;
import build.kiln.operator.pod.PodPart;
import build.kiln.operator.policy.BaseImages;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.status.News;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Looks now and then whether base images have moved. The operator has no credentials of registries, so a small pod
/// asks
/// them, which has those of the build and runs nothing.
///
/// A look changes no condition: the image is there meanwhile, and what is looked at stays as ready as it was.
final class BaseImageChecks {

    /// So many pods look at once in the whole cluster.
    private static final int MOST_AT_ONCE = 10;

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /// A pod that has not ended by then never will.
    private static final Duration OVERDUE = Duration.ofMinutes(15);

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration WHEN_SOME_HAVE_ENDED = Duration.ofSeconds(20);

    private final BuilderPods desiredPods;
    private final BuilderPodsInCluster pods;
    private final Clock clock;
    private final Duration interval;
    private final LongSupplier atWork;

    /// @param atWork how many pods look right now
    BaseImageChecks(
            BuilderPods desiredPods, BuilderPodsInCluster pods, Clock clock, Duration interval, LongSupplier atWork) {
        this.desiredPods = desiredPods;
        this.pods = pods;
        this.clock = clock;
        this.interval = interval;
        this.atWork = atWork;
    }

    /// Whether the pod is no part of a build, but looks at base images.
    static boolean isCheck(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return labels != null && PodPart.BASE_IMAGES.equals(labels.get(PodNames.PART));
    }

    static boolean isAtWork(Pod pod) {
        return isCheck(pod) && BuilderPod.isAtWork(pod);
    }

    static boolean isCheck(BuilderPod pod) {
        return pod.part().equals(PodPart.BASE_IMAGES);
    }

    /// @param seen the pods of this ImageBuild that look at base images
    Outcome advance(ImageBuild build, List<BuilderPod> seen) {
        boolean isWanted = build.getSpec().rebuild() instanceof Rebuild rebuild && rebuild.onBaseImageChange();
        if (!isWanted || build.getSpec().suspend()) {
            delete(build, seen, "nobody looks at base images");
            return isWanted || status(build).baseImagesCheck() == null
                    ? Outcome.nothing()
                    : Outcome.of(new News.BaseImagesChecked(Optional.empty()));
        }
        return seen.isEmpty() ? lookIfItIsTime(build) : watch(build, seen.getFirst());
    }

    /// What a pod found is written down first; the pod goes when that is done.
    private Outcome watch(ImageBuild build, BuilderPod pod) {
        if (isWrittenDown(build, pod)) {
            delete(build, List.of(pod), "its answer is written down");
            return Outcome.lookingAgain(WHEN_SOME_HAVE_ENDED);
        }
        Duration left = Duration.between(clock.instant(), pod.createdAt().plus(OVERDUE));
        return switch (pod.state()) {
            case PodState.Reported(var report) -> answered(build, pod, report.result());
            case PodState.Died(Result.Failed failure) ->
                checked(build, pod.createdAt(), failure.reason(), failure.message());
            case PodState.Running running -> left.isPositive() ? Outcome.lookingAgain(left) : overdue(build, pod);
            case PodState.Waiting waiting -> left.isPositive() ? Outcome.lookingAgain(left) : overdue(build, pod);
        };
    }

    private Outcome answered(ImageBuild build, BuilderPod pod, Result result) {
        return switch (result) {
            case Result.UpToDate upToDate ->
                checked(
                        build,
                        pod.createdAt(),
                        BaseImages.UP_TO_DATE,
                        "The names of all base images lead to what they led to.");
            case Result.Moved(List<BaseImage> images) -> moved(build, pod, images);
            case Result.Failed failure -> checked(build, pod.createdAt(), failure.reason(), failure.message());
            case Result.Succeeded succeeded ->
                checked(
                        build,
                        pod.createdAt(),
                        Reasons.ReportUnreadable.name(),
                        "Pod %s was asked for base images, and reported an image.".formatted(pod.name()));
        };
    }

    private Outcome moved(ImageBuild build, BuilderPod pod, List<BaseImage> answer) {
        List<BaseImage> known = BaseImages.known(status(build));
        List<BaseImage> news = BaseImages.news(known, answer);
        if (news.isEmpty()) {
            return answered(build, pod, new Result.UpToDate());
        }
        BaseImagesCheck check = new BaseImagesCheck(
                at(pod.createdAt()), BaseImages.MOVED, BaseImages.inWords(known, news), BaseImages.with(known, news));
        News due = new News.Due(BuildReason.BaseImage, Optional.empty());
        return Outcome.of(new News.BaseImagesChecked(Optional.of(check)), SOON)
                .after(List.of(due), Optional.empty(), List.of());
    }

    private Outcome overdue(ImageBuild build, BuilderPod pod) {
        return checked(
                build,
                pod.createdAt(),
                Reasons.TimedOut.name(),
                "Pod %s, which looks at base images, was not done after %d minutes and was stopped."
                        .formatted(pod.name(), OVERDUE.toMinutes()));
    }

    private Outcome checked(ImageBuild build, Instant at, String result, String message) {
        List<BaseImageStatus> known = BaseImages.with(BaseImages.known(status(build)), List.of());
        return Outcome.of(
                new News.BaseImagesChecked(Optional.of(new BaseImagesCheck(at(at), result, message, known))), SOON);
    }

    private Outcome lookIfItIsTime(ImageBuild build) {
        Optional<Instant> next = BaseImages.nextCheck(build, interval);
        if (next.isEmpty()) {
            return Outcome.nothing();
        }
        Duration left = Duration.between(clock.instant(), next.get());
        if (left.isPositive()) {
            return Outcome.lookingAgain(left);
        }
        if (atWork.getAsLong() >= MOST_AT_ONCE) {
            return Outcome.lookingAgain(whenSomeHaveEnded(left.negated()));
        }
        PodPart part = new PodPart.BaseImages(desiredPods.settings().platform(), BaseImages.known(status(build)));
        PodOrder order = PodOrder.small(part, build.getMetadata().getGeneration(), TIMEOUT);
        // It runs nothing of the user's, so it has the weakest rung, which may do the least.
        ChosenRung rung = new ChosenRung(Rung.ASSEMBLE, List.of());
        return switch (pods.create(desiredPods.desired(build, order, rung))) {
            case Creation.Created created -> Outcome.lookingAgain(OVERDUE);
            case Creation.Found found -> Outcome.lookingAgain(WHEN_SOME_HAVE_ENDED);
            case Creation.Delayed delayed -> Outcome.lookingAgain(WHEN_SOME_HAVE_ENDED);
            case Creation.Refused(Reasons reason, String message) ->
                checked(build, clock.instant(), reason.name(), message);
            case Creation.NotAdmitted(Reasons reason, String words) ->
                checked(
                        build,
                        clock.instant(),
                        reason.name(),
                        "Namespace %s does not admit the pod that looks at base images: %s."
                                .formatted(build.getMetadata().getNamespace(), words));
            case Creation.Pointless() -> Outcome.nothing();
        };
    }

    /// The longer it waits already, the more wait with it: ten thousand must not ask for their turn all the time.
    private static Duration whenSomeHaveEnded(Duration overdue) {
        Duration some = overdue.dividedBy(4);
        return some.compareTo(WHEN_SOME_HAVE_ENDED) < 0 ? WHEN_SOME_HAVE_ENDED : some;
    }

    private void delete(ImageBuild build, List<BuilderPod> some, String why) {
        pods.delete(build.getMetadata().getNamespace(), some, why);
    }

    private static boolean isWrittenDown(ImageBuild build, BuilderPod pod) {
        BaseImagesCheck last = status(build).baseImagesCheck();
        return last != null && last.checkedAt().equals(at(pod.createdAt()));
    }

    private static String at(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static ImageBuildStatus status(ImageBuild build) {
        return build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
    }
}
