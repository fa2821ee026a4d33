package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.progress.Progress;
import build.kiln.operator.status.News;
import build.kiln.operator.trace.BuildTraces;
import build.kiln.operator.trace.Work;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.StepReport;
import build.kiln.protocol.Timeline;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Makes spans of what has ended: an attempt when it has, the build when it has.
final class Tracing {

    private final Optional<BuildTraces> traces;
    private final Clock clock;

    /// @param traces empty if nobody collects any
    Tracing(Optional<BuildTraces> traces, Clock clock) {
        this.traces = traces;
        this.clock = clock;
    }

    /// @param build with the status before the news
    /// @param status after them
    void of(ImageBuild build, News news, ImageBuildStatus status) {
        BuildStatus of = status.build();
        if (traces.isEmpty() || of == null) {
            return;
        }
        String key = key(build, of);
        attempt(key, news);
        switch (news) {
            case News.Succeeded succeeded -> traces.get().build(key, root(build, status, of));
            case News.Failed failed ->
                traces.get()
                        .build(
                                key,
                                root(build, status, of).failed(failed.failure().message()));
            default -> {}
        }
    }

    /// The attempts at one platform are among those at the whole.
    ///
    /// @param whole its status has the build
    void ofPlatform(ImageBuild whole, News news) {
        BuildStatus of = whole.getStatus() == null ? null : whole.getStatus().build();
        if (traces.isPresent() && of != null) {
            attempt(key(whole, of), news);
        }
    }

    /// A build may become one of the next generation on its way.
    private static String key(ImageBuild build, BuildStatus of) {
        return build.getMetadata().getUid() + "/" + of.firstAttempt() + "/" + of.startedAt();
    }

    private void attempt(String key, News news) {
        switch (news) {
            case News.Succeeded(BuildReport report, var result, BuilderPod pod, Progress progress) ->
                attempt(key, pod, Optional.of(report), progress, Optional.empty());
            case News.Failed failed ->
                failed.pod()
                        .ifPresent(pod ->
                                attempt(key, pod, failed.report(), failed.progress(), Optional.of(failed.failure())));
            case News.Retrying retrying ->
                retrying.pod()
                        .ifPresent(pod -> attempt(
                                key, pod, retrying.report(), retrying.progress(), Optional.of(retrying.failure())));
            case News.PushPending pending ->
                pending.pod()
                        .ifPresent(pod -> attempt(
                                key, pod, pending.report(), pending.progress(), Optional.of(pending.failure())));
            default -> {}
        }
    }

    private void attempt(
            String key,
            BuilderPod pod,
            Optional<BuildReport> report,
            Progress progress,
            Optional<Result.Failed> failure) {
        Work attempt = Work.of("attempt", pod.createdAt(), pod.endedAt().orElse(clock.instant()))
                .with("k8s.pod.name", pod.name())
                .with("kiln.attempt", Integer.toString(pod.attempt()));
        if (pod.node().isPresent()) {
            attempt = attempt.with("k8s.node.name", pod.node().get());
        }
        if (failure.isPresent()) {
            attempt = attempt.with("error.type", failure.get().reason())
                    .failed(failure.get().message());
        }
        if (pod.startedAt().isPresent()) {
            attempt = attempt.with(
                    Work.of("start of the pod", pod.createdAt(), pod.startedAt().get()));
        }
        Timeline timeline = report.map(BuildReport::timeline).orElse(null);
        if (timeline != null) {
            attempt = builder(attempt, timeline, steps(report.get(), progress));
        }
        traces.orElseThrow().attempt(key, pod.name(), attempt);
    }

    /// A report that had no room for when steps began leaves those that the log told of.
    private static Collection<StepReport> steps(BuildReport report, Progress progress) {
        boolean isWhole = report.steps().stream().anyMatch(s -> s.startMillis() != null);
        return isWhole ? report.steps() : progress.done().values();
    }

    private static Work builder(Work attempt, Timeline timeline, Collection<StepReport> steps) {
        Instant start = Instant.ofEpochMilli(timeline.startedAt());
        Work whole = attempt;
        long planFrom = 0;
        if (timeline.sourceMillis() != null) {
            planFrom = timeline.sourceMillis();
            whole = whole.with(Work.of("source", start, start.plusMillis(planFrom)));
        }
        if (timeline.plannedMillis() != null) {
            whole = whole.with(Work.of("plan", start.plusMillis(planFrom), start.plusMillis(timeline.plannedMillis())));
        }
        for (StepReport step : steps) {
            if (step.startMillis() != null) {
                whole = whole.with(step(step, start.plusMillis(step.startMillis())));
            }
        }
        return timeline.pushingMillis() == null
                ? whole
                : whole.with(Work.of(
                        "push", start.plusMillis(timeline.pushingMillis()), start.plusMillis(timeline.endMillis())));
    }

    private static Work step(StepReport step, Instant from) {
        return Work.of(step.instruction(), from, from.plusMillis(step.durationMillis()))
                .with("kiln.step.outcome", step.outcome().name().toLowerCase(Locale.ROOT));
    }

    private Work root(ImageBuild build, ImageBuildStatus status, BuildStatus of) {
        Instant started = of.startedAt() == null ? clock.instant() : Instant.parse(of.startedAt());
        Instant wished = Tickets.since(build, clock);
        Instant from = wished.isBefore(started) ? wished : started;
        Work work = Work.of("build", from, of.finishedAt() == null ? clock.instant() : Instant.parse(of.finishedAt()))
                .with("k8s.namespace.name", build.getMetadata().getNamespace())
                .with("kiln.imagebuild.name", build.getMetadata().getName())
                .with("kiln.generation", String.valueOf(of.generation()))
                .with("kiln.reason", String.valueOf(of.reason()))
                .with(Work.of("wait for a turn", from, started));
        if (status.failure() != null) {
            return work.with("error.type", status.failure().reason());
        }
        return status.image() == null ? work : work.with("kiln.image", status.image());
    }
}
