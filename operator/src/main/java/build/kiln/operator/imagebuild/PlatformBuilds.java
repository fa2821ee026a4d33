package build.kiln.operator.imagebuild;

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
import build.kiln.operator.progress.Progress;
import build.kiln.operator.status.News;
import build.kiln.operator.status.PlatformViews;
import build.kiln.operator.status.StatusWriter;
import build.kiln.protocol.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
        return chain.advance(build, ofIndex, attempt -> start(build, begun(attempt), seen));
    }

    /// All platforms have the start of the whole build, by which their parts of it are known.
    private Attempt begun(Attempt attempt) {
        return attempt.startedAt(attempt.buildStartedAt().orElse(clock.instant().truncatedTo(ChronoUnit.MILLIS)));
    }

    private Outcome start(ImageBuild build, Attempt attempt, List<BuilderPod> seen) {
        List<PlatformStatus> statuses = new ArrayList<>();
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
            statuses.add(PlatformViews.toStatus(platform, written(view, outcome.news())));
            outcome.news().stream().flatMap(PlatformBuilds::retried).forEach(retried::add);
            outcome.news().forEach(each -> afterwards.add(() -> tracing.ofPlatform(build, each)));
            afterwards.addAll(outcome.afterwards());
            lookAgain = Outcome.earlier(lookAgain, outcome.lookAgain());
        }
        List<News> news = List.of(new News.Platforms(attempt, statuses, retried));
        Optional<PlatformStatus> failed =
                statuses.stream().filter(p -> p.phase() == Phase.Failed).findFirst();
        if (failed.isPresent()) {
            pods.delete(
                    build.getMetadata().getNamespace(),
                    seen.stream().filter(BuilderPod::isActive).toList(),
                    failed.get().platform());
            return Outcome.of(failure(attempt, failed.get())).after(news, lookAgain, afterwards);
        }
        if (statuses.stream().allMatch(p -> p.phase() == Phase.Succeeded)) {
            List<Part.Image> images = statuses.stream()
                    .map(p -> new Part.Image(p.platform(), Objects.requireNonNull(p.digest())))
                    .toList();
            return starts.startIndex(build, images, attempt).after(news, Optional.empty(), afterwards);
        }
        return Outcome.nothing().after(news, lookAgain, afterwards);
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
    private static News failure(Attempt attempt, PlatformStatus platform) {
        FailureStatus failure = Objects.requireNonNull(platform.failure());
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
