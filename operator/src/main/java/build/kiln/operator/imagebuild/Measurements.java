package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.StepStatus;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.status.News;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.StepCounts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What of the news is counted and measured, once they are written.
final class Measurements {

    private final BuildMetrics metrics;
    private final Clock clock;

    Measurements(BuildMetrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /// @param build with the status before the news
    /// @param status after them
    void of(ImageBuild build, News news, ImageBuildStatus status) {
        String namespace = build.getMetadata().getNamespace();
        switch (news) {
            case News.Succeeded succeeded -> {
                metrics.ended(namespace, "succeeded", "Succeeded", duration(status));
                steps(namespace, succeeded.report(), status);
                pod(namespace, Optional.of(succeeded.pod()));
            }
            case News.Failed failed -> {
                if (isRecheck(status)) {
                    metrics.retried(namespace, failed.failure().reason());
                } else {
                    metrics.ended(namespace, "failed", failed.failure().reason(), duration(status));
                    failed.report().ifPresent(report -> steps(namespace, report, status));
                }
                pod(namespace, failed.pod());
            }
            case News.Retrying retrying -> {
                metrics.retried(namespace, retrying.failure().reason());
                pod(namespace, retrying.pod());
            }
            case News.PushPending pending -> {
                metrics.retried(namespace, pending.failure().reason());
                pod(namespace, pending.pod());
            }
            case News.Started started -> started(build, started.attempt());
            case News.Platforms platforms -> platforms.retried().forEach(reason -> metrics.retried(namespace, reason));
            case News.Note note -> {}
            case News.Delayed delayed -> {}
            case News.Blocked blocked -> {}
            case News.Working working -> {}
            case News.Suspended suspended -> {}
            case News.StillBuilt stillBuilt -> {}
            case News.StillWanted stillWanted -> {}
        }
    }

    void conflict() {
        metrics.conflict();
    }

    private void started(ImageBuild build, Attempt attempt) {
        if (!attempt.isRetry()) {
            Duration waited = Duration.between(Tickets.since(build, clock), clock.instant());
            metrics.started(build.getMetadata().getNamespace(), waited);
        }
    }

    private void pod(String namespace, Optional<BuilderPod> ended) {
        ended.ifPresent(pod ->
                pod.startedAt().ifPresent(at -> metrics.podStarted(namespace, Duration.between(pod.createdAt(), at))));
    }

    /// Whether a build that had failed was looked at again and has failed again: it is counted already.
    private static boolean isRecheck(ImageBuildStatus status) {
        BuildStatus build = status.build();
        int rechecks = build == null || build.rechecks() == null ? 0 : build.rechecks();
        return rechecks > (build != null && build.nextAttemptAt() != null ? 1 : 0);
    }

    private void steps(String namespace, BuildReport report, ImageBuildStatus status) {
        StepCounts counts = report.counts();
        metrics.steps(namespace, "ran", counts.ran());
        metrics.steps(namespace, "cached", counts.cached());
        metrics.steps(namespace, "shared", counts.shared());
        metrics.steps(namespace, "resumed", counts.resumed());
        for (StepStatus step : status.steps()) {
            if (step.durationMillis() instanceof Long millis) {
                metrics.step(namespace, step.outcome().name().toLowerCase(Locale.ROOT), Duration.ofMillis(millis));
            }
        }
    }

    private static Duration duration(ImageBuildStatus status) {
        BuildStatus build = status.build();
        // The start is by the operator's clock and the end by the node's.
        return build == null || build.startedAt() == null || build.finishedAt() == null
                ? Duration.ZERO
                : Duration.between(Instant.parse(build.startedAt()), Instant.parse(build.finishedAt()));
    }
}
