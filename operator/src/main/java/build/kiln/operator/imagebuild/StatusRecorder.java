package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.status.Announcement;
import build.kiln.operator.status.News;
import build.kiln.operator.status.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/// Writes news down: Event, status, log line, metrics. What is no news is written nowhere.
final class StatusRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(StatusRecorder.class);

    /// Somebody else was faster; the cache needs a moment to see it.
    static final Duration AFTER_CONFLICT = Duration.ofMillis(250);

    private final StatusWriter writer;
    private final Announcer announcer;
    private final QueueNotes queueNotes;
    private final Measurements measurements;
    private final Tracing tracing;

    StatusRecorder(
            StatusWriter writer,
            Announcer announcer,
            QueueNotes queueNotes,
            Measurements measurements,
            Tracing tracing) {
        this.writer = writer;
        this.announcer = announcer;
        this.queueNotes = queueNotes;
        this.measurements = measurements;
        this.tracing = tracing;
    }

    /// One write if the status changes, none if it does not. What was written is what the next reconcile sees. That a
    /// build waits for its turn is written when [QueueNotes] lets it.
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
        if (news.stream().allMatch(StatusRecorder::isOfTheQueue) && !mayWrite(build)) {
            return true;
        }
        Optional<Announcement> announcement = StatusWriter.announcement(build, next);
        // Begun before the status is written: if the operator dies meanwhile, the Event is made twice, which its name
        // forbids; or once, and not never.
        Optional<Thread> event = announcement.map(a -> announcer.announcing(build, a));
        try {
            ImageBuild written = context.getClient().resource(with(build, next)).updateStatus();
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(ResourceID.fromResource(build), written, build);
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                measurements.conflict();
                return false;
            }
            if (e.getCode() == 404) {
                return true;
            }
            throw e;
        } finally {
            event.ifPresent(StatusRecorder::await);
        }
        announcement.ifPresent(a -> log(next, a));
        for (News each : news) {
            measurements.of(build, each, next);
            tracing.of(build, each, next);
        }
        return true;
    }

    private boolean mayWrite(ImageBuild build) {
        return Tickets.isQueued(build) ? queueNotes.mayWritePlace() : queueNotes.mayWrite(Tickets.key(build));
    }

    /// It is wanted, and it waits: the next look finds the same, or that it may start.
    private static boolean isOfTheQueue(News news) {
        return news instanceof News.Due
                || news instanceof News.Delayed(Reasons reason, String _) && reason == Reasons.Queued;
    }

    private static void await(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void log(ImageBuildStatus status, Announcement announcement) {
        LoggingEventBuilder line =
                LOG.atInfo().addKeyValue("phase", status.phase()).addKeyValue("reason", announcement.reason());
        BuildStatus build = status.build();
        if (build != null && build.attempt() != null) {
            line = line.addKeyValue("attempt", build.attempt());
        }
        if (build != null && build.pod() != null) {
            line = line.addKeyValue("pod", build.pod());
        }
        if (status.failure() != null && status.failure().step() != null) {
            line = line.addKeyValue("step", status.failure().step());
        }
        line.log(announcement.message());
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
}
