package build.kiln.operator.imagebuild;

import static java.util.Objects.requireNonNull;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.operator.pod.PodPart;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.operator.status.News;
import build.kiln.operator.status.PlatformViews;
import build.kiln.operator.status.StatusWriter;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Builds for several platforms: a chain of pods for each, and when all have their image, a pod that pushes the index.
final class PlatformBuilds {

    private final Clock clock;
    private final PodChain chain;
    private final BuildStart starts;
    private final BuilderPodsInCluster pods;
    private final StatusWriter writer;
    private final Tracing tracing;

    PlatformBuilds(
            Clock clock,
            PodChain chain,
            BuildStart starts,
            BuilderPodsInCluster pods,
            StatusWriter writer,
            Tracing tracing) {
        this.clock = clock;
        this.chain = chain;
        this.starts = starts;
        this.pods = pods;
        this.writer = writer;
        this.tracing = tracing;
    }

    /// @param seen all pods of the ImageBuild
    Outcome advance(ImageBuild build, List<BuilderPod> seen) {
        List<String> words =
                build.getSpec().platforms().stream().map(PodPart::wordOf).toList();
        // Nobody else ends the platforms' pods of a build that is suspended.
        List<BuilderPod> ofIndex = build.getSpec().suspend()
                ? seen
                : seen.stream().filter(p -> !words.contains(p.part())).toList();
        return chain.advance(build, ofIndex, seen, attempt -> start(build, begun(attempt), seen));
    }

    /// All platforms have the start of the whole build, by which their parts of it are known.
    private Attempt begun(Attempt attempt) {
        return attempt.startedAt(attempt.buildStartedAt().orElse(clock.instant().truncatedTo(ChronoUnit.MILLIS)));
    }

    private Outcome start(ImageBuild build, Attempt attempt, List<BuilderPod> seen) {
        List<ImageBuild> views = new ArrayList<>();
        List<String> retried = new ArrayList<>();
        List<Runnable> afterwards = new ArrayList<>();
        Optional<Duration> lookAgain = Optional.empty();
        for (String platform : build.getSpec().platforms()) {
            ImageBuild view = PlatformViews.of(build, platform, attempt);
            Outcome outcome = chain.advance(
                    view,
                    ofPart(seen, PodPart.wordOf(platform)),
                    next -> starts.start(
                            view,
                            new PodPart.Platform(platform),
                            next.startedAt(attempt.buildStartedAt().orElseThrow())));
            views.add(PlatformViews.with(view, written(view, outcome.news())));
            outcome.news().stream().flatMap(PlatformBuilds::retried).forEach(retried::add);
            outcome.news().forEach(each -> afterwards.add(() -> tracing.ofPlatform(build, each)));
            afterwards.addAll(outcome.afterwards());
            lookAgain = Outcome.earlier(lookAgain, outcome.lookAgain());
        }
        List<PlatformStatus> statuses = statuses(build, views);
        Optional<PlatformStatus> failed =
                statuses.stream().filter(p -> p.phase() == Phase.Failed).findFirst();
        if (failed.isPresent()) {
            News.Failed failure = failure(attempt, failed.get());
            News ended = new News.Platforms(attempt, statuses(build, ended(views, failure)), retried);
            return Outcome.of(failure)
                    .after(List.of(ended), lookAgain, afterwards)
                    .then(() -> pods.delete(
                            build.getMetadata().getNamespace(),
                            seen.stream().filter(BuilderPod::isActive).toList(),
                            failed.get().platform()));
        }
        List<News> news = List.of(new News.Platforms(attempt, statuses, retried));
        if (statuses.stream().allMatch(p -> p.phase() == Phase.Succeeded)) {
            List<Part.Image> images = statuses.stream()
                    .map(p -> new Part.Image(p.platform(), requireNonNull(p.digest())))
                    .toList();
            return starts.startIndex(build, images, attempt).after(news, Optional.empty(), afterwards);
        }
        return Outcome.nothing().after(news, lookAgain, afterwards);
    }

    private static List<PlatformStatus> statuses(ImageBuild build, List<ImageBuild> views) {
        List<String> platforms = build.getSpec().platforms();
        return IntStream.range(0, views.size())
                .mapToObj(i ->
                        PlatformViews.toStatus(platforms.get(i), views.get(i).getStatus()))
                .toList();
    }

    /// Where a build that has failed is looked at again, the platforms whose pods are ended for it come with it. It is
    /// not their fault, and no retry.
    private List<ImageBuild> ended(List<ImageBuild> views, News.Failed failure) {
        return views.stream()
                .map(view -> failure.lookAgain()
                        .filter(at -> isUnderWay(view.getStatus()))
                        .map(at -> ended(view, failure.failure(), at))
                        .orElse(view))
                .toList();
    }

    private ImageBuild ended(ImageBuild view, Result.Failed failure, Instant lookAgain) {
        Uncounted uncounted =
                Uncounted.of(requireNonNull(view.getStatus().build())).andRecheck();
        News news = new News.Retrying(failure, lookAgain, uncounted, Optional.empty(), Optional.empty(), Progress.NONE);
        return PlatformViews.with(view, writer.write(view, news));
    }

    private static boolean isUnderWay(ImageBuildStatus status) {
        return status.build() != null && status.build().finishedAt() == null;
    }

    private static Stream<String> retried(News news) {
        if (news instanceof News.Retrying retrying) {
            return Stream.of(retrying.failure().reason());
        }
        return news instanceof News.PushPending pending
                ? Stream.of(pending.failure().reason())
                : Stream.empty();
    }

    private ImageBuildStatus written(ImageBuild view, List<News> news) {
        ImageBuildStatus status = view.getStatus();
        for (News each : news) {
            view.setStatus(status);
            status = writer.write(view, each);
        }
        return status;
    }

    private static List<BuilderPod> ofPart(List<BuilderPod> pods, String word) {
        return pods.stream().filter(p -> p.part().equals(word)).toList();
    }

    /// The build has failed with its first platform that has.
    private static News.Failed failure(Attempt attempt, PlatformStatus platform) {
        FailureStatus failure = requireNonNull(platform.failure());
        return new News.Failed(
                Judge.ofPlatform(platform.platform(), failure),
                Optional.empty(),
                Optional.empty(),
                Progress.NONE,
                Optional.of(attempt),
                Stream.ofNullable(platform.build())
                        .map(BuildStatus::nextAttemptAt)
                        .filter(Objects::nonNull)
                        .map(Instant::parse)
                        .findFirst());
    }
}
