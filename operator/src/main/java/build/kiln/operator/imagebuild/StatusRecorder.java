package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.status.Announcement;
import build.kiln.operator.status.News;
import build.kiln.operator.status.StatusWriter;
import build.kiln.protocol.BuildReport;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes news down: Event, status, log line, metrics. What is no news is written nowhere.
final class StatusRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(StatusRecorder.class);

    /// Somebody else was faster; the cache needs a moment to see it.
    static final Duration AFTER_CONFLICT = Duration.ofMillis(250);

    private final StatusWriter writer;
    private final Announcer announcer;
    private final BuildMetrics metrics;

    StatusRecorder(StatusWriter writer, Announcer announcer, BuildMetrics metrics) {
        this.writer = writer;
        this.announcer = announcer;
        this.metrics = metrics;
    }

    /// One write if the status changes, none if it does not. What was written is what the next reconcile sees.
    ///
    /// @return false if the resource had changed meanwhile, and all has to be judged anew
    boolean record(ImageBuild build, List<News> news, Context<ImageBuild> context) {
        if (news.isEmpty()) {
            return true;
        }
        ImageBuildStatus next = written(build, news);
        if (next.equals(build.getStatus())) {
            return true;
        }
        // Before the status: if the operator dies between the two, the Event is made twice, which its name forbids.
        Optional<Announcement> announcement = StatusWriter.announcement(build, next);
        announcement.ifPresent(a -> announcer.announce(build, a));
        ImageBuild changed = with(build, next);
        try {
            ImageBuild written = context.getClient().resource(changed).updateStatus();
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(ResourceID.fromResource(build), written, build);
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            if (e.getCode() == 404) {
                return true;
            }
            throw e;
        }
        announcement.ifPresent(a -> LOG.atInfo()
                .addKeyValue("phase", next.phase())
                .addKeyValue("reason", a.reason())
                .log(a.message()));
        news.forEach(each -> measure(each, next));
        return true;
    }

    /// The resource as it is once these news are written.
    ImageBuild noted(ImageBuild build, List<News> news) {
        return news.isEmpty() ? build : with(build, written(build, news));
    }

    private ImageBuildStatus written(ImageBuild build, List<News> news) {
        ImageBuildStatus next = writer.write(build, news.getFirst());
        for (News each : news.subList(1, news.size())) {
            next = writer.write(with(build, next), each);
        }
        return next;
    }

    private static ImageBuild with(ImageBuild build, ImageBuildStatus status) {
        ImageBuild changed = new ImageBuild();
        changed.setMetadata(build.getMetadata());
        changed.setSpec(build.getSpec());
        changed.setStatus(status);
        return changed;
    }

    private void measure(News news, ImageBuildStatus status) {
        switch (news) {
            case News.Succeeded succeeded -> {
                metrics.ended("succeeded", "Succeeded", duration(status));
                steps(succeeded.report());
            }
            case News.Failed failed
            when isRecheck(status) -> metrics.retried(failed.failure().reason());
            case News.Failed failed -> {
                metrics.ended("failed", failed.failure().reason(), duration(status));
                failed.report().ifPresent(this::steps);
            }
            case News.Retrying retrying -> metrics.retried(retrying.failure().reason());
            case News.PushPending pending -> metrics.retried(pending.failure().reason());
            case News.Note note -> {}
            case News.Delayed delayed -> {}
            case News.Blocked blocked -> {}
            case News.Platforms platforms -> platforms.retried().forEach(metrics::retried);
            case News.Started started -> {}
            case News.Working working -> {}
            case News.Suspended suspended -> {}
            case News.StillBuilt stillBuilt -> {}
        }
    }

    /// Whether a build that had failed was looked at again and has failed again: it is counted already.
    private static boolean isRecheck(ImageBuildStatus status) {
        BuildStatus build = status.build();
        int rechecks = build == null || build.rechecks() == null ? 0 : build.rechecks();
        return rechecks > (build != null && build.nextAttemptAt() != null ? 1 : 0);
    }

    private void steps(BuildReport report) {
        metrics.steps("ran", report.counts().ran());
        metrics.steps("cached", report.counts().cached());
        metrics.steps("shared", report.counts().shared());
        metrics.steps("resumed", report.counts().resumed());
    }

    private static Duration duration(ImageBuildStatus status) {
        BuildStatus build = status.build();
        if (build == null || build.startedAt() == null || build.finishedAt() == null) {
            return Duration.ZERO;
        }
        // The start is by the operator's clock and the end by the node's.
        Duration duration = Duration.between(Instant.parse(build.startedAt()), Instant.parse(build.finishedAt()));
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
