package build.kiln.operator.status;

import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.DueBuild;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.crds.ScheduleStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns news into the whole status. Pure but for the clock: the same news twice change nothing the second time.
public final class StatusWriter {

    private final Clock clock;

    public StatusWriter(Clock clock) {
        this.clock = clock;
    }

    /// The status that the news make of the present one; equal to it if there is nothing new.
    public ImageBuildStatus write(ImageBuild build, News news) {
        ImageBuildStatus old = build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
        StatusDraft draft = new StatusDraft(build, old);
        long generation = build.getMetadata().getGeneration();
        Conditions conditions = Conditions.from(old.conditions(), generation, clock.instant());
        switch (news) {
            case News.Note note -> {
                // The conditions still speak of what they spoke of.
                draft.observedGeneration = old.observedGeneration();
                noted(draft, note);
            }
            case News.Delayed(Reasons reason, String message) -> {
                draft.phase = Phase.Queued;
                draft.conditions = conditions.inProgress(reason.name(), message);
            }
            case News.Blocked(Reasons reason, String message) -> {
                draft.phase = Phase.Queued;
                draft.conditions = conditions.blocked(reason.name(), message);
            }
            case News.Started(Attempt attempt, String pod, Optional<String> artifactDigest) -> {
                draft.phase = Phase.Building;
                started(draft, attempt, pod);
                Objects.requireNonNull(draft.build).artifactDigest = artifactDigest.orElse(null);
                draft.conditions = conditions.inProgress(Reasons.Building.name(), working(draft, pod));
            }
            case News.Platforms(Attempt attempt, List<PlatformStatus> platforms, var retried) ->
                platforms(draft, conditions, attempt, new PlatformsSummary(platforms));
            case News.Working working -> {
                working(draft, conditions, working);
                if (working.pod().limitedFrom().isEmpty() && !working.hold().isQueue()) {
                    Objects.requireNonNull(draft.build).letGo(now());
                }
            }
            case News.Retrying retrying -> retrying(draft, conditions, retrying);
            case News.PushPending pending -> pushPending(draft, conditions, pending);
            case News.Succeeded succeeded -> succeeded(draft, conditions, succeeded);
            case News.Failed failed -> failed(draft, conditions, failed);
            case News.Suspended(boolean isBuilt) -> {
                draft.broken(Reasons.Suspended.name(), now());
                draft.phase = Phase.Suspended;
                draft.conditions = isBuilt
                        ? conditions.unchanged()
                        : conditions.suspended(
                                Reasons.Suspended.name(),
                                "spec.suspend is true: no build is started. Set it to false to build.");
            }
            case News.StillWanted() -> {
                draft.conditions = conditions.unchanged();
                Objects.requireNonNull(draft.build).generation = generation;
            }
            case News.StillBuilt() -> {
                draft.phase = Phase.Succeeded;
                draft.conditions = conditions.unchanged();
                Objects.requireNonNull(draft.build).generation = generation;
            }
        }
        boolean speaksOfIt = news instanceof News.PushPending || news instanceof News.StillWanted;
        if (stillPending(draft, generation) && !speaksOfIt) {
            conditions.keepPushPending();
        }
        return draft.toStatus();
    }

    private void noted(StatusDraft draft, News.Note note) {
        switch (note) {
            case News.Due(BuildReason reason, Optional<String> revision) -> {
                DueBuild before = draft.due;
                if (before == null) {
                    draft.due = new DueBuild(reason.name(), now(), revision.orElse(null));
                } else if (reason.isAskedFor()
                        && !BuildReason.of(before.reason()).isAskedFor()) {
                    draft.due = new DueBuild(reason.name(), before.since(), revision.orElse(null));
                }
            }
            case News.Scheduled(Optional<ScheduleStatus> schedule) -> draft.schedule = schedule.orElse(null);
            case News.BaseImagesChecked(Optional<BaseImagesCheck> check) -> draft.baseImagesCheck = check.orElse(null);
        }
    }

    private static boolean stillPending(StatusDraft draft, long generation) {
        BuildDraft build = draft.build;
        boolean goesOn = draft.phase == Phase.Queued || draft.phase == Phase.Building || draft.phase == Phase.Pushing;
        return goesOn && build != null && build.pendingPushes != null && Objects.equals(build.generation, generation);
    }

    private void started(StatusDraft draft, Attempt attempt, @Nullable String pod) {
        if (!attempt.isRetry() && draft.build != null && !draft.build.isOf(attempt)) {
            draft.broken("Superseded", now());
        }
        draft.due = null;
        draft.rebuildRequestedAt = attempt.rebuildRequestedAt();
        draft.build = BuildDraft.of(attempt, pod, draft.specDigest(), draft.memory(attempt.uncounted()), now());
        draft.steps = List.of();
        draft.warnings = List.of();
        if (!isForSeveral(draft)) {
            draft.platforms = List.of();
        }
        if (!attempt.isRetry()) {
            draft.failure = null;
        }
    }

    private static boolean isForSeveral(StatusDraft draft) {
        return draft.platformsWanted() > 1;
    }

    /// The build has begun with the first of its platforms.
    private void platforms(StatusDraft draft, Conditions conditions, Attempt attempt, PlatformsSummary summary) {
        if (draft.build == null || !draft.build.isOf(attempt)) {
            started(draft, attempt, null);
        }
        draft.platforms(summary);
        draft.phase = summary.phase();
        draft.conditions = summary.isStalled()
                ? conditions.blocked(summary.reason(), summary.message())
                : conditions.inProgress(summary.reason(), summary.message());
    }

    private static void working(StatusDraft draft, Conditions conditions, News.Working news) {
        BuilderPod pod = news.pod();
        Progress progress = news.progress();
        Hold hold = news.hold();
        draft.phase = progress.isPushing() ? Phase.Pushing : Phase.Building;
        if (hold.isQueue()) {
            draft.phase = Phase.Queued;
            draft.conditions = conditions.inProgress(hold.reason(), "Pod %s %s.".formatted(pod.name(), hold.message()));
        } else if (!hold.isNothing()) {
            draft.conditions = conditions.inProgress(
                    hold.reason(),
                    "Pod %s has not started: %s. %s".formatted(pod.name(), hold.message(), hold.advice()));
        } else if (progress.isPushing()) {
            draft.conditions = conditions.inProgress(
                    Reasons.Pushing.name(), "All steps are done; pod %s sends the image.".formatted(pod.name()));
        } else {
            draft.conditions = conditions.inProgress(Reasons.Building.name(), working(draft, pod.name()));
        }
        draft.seen(pod, progress);
    }

    private static String working(StatusDraft draft, String pod) {
        return "Pod %s builds the image, because %s."
                .formatted(pod, Objects.requireNonNull(draft.build).reasonInWords());
    }

    private void retrying(StatusDraft draft, Conditions conditions, News.Retrying news) {
        draft.phase = Phase.Queued;
        draft.conditions = conditions.inProgress(
                Reasons.Retrying.name(),
                "%s: %s The next attempt starts at %s."
                        .formatted(news.failure().reason(), news.failure().message(), seconds(news.at())));
        ended(draft, news.pod(), news.report(), news.progress());
        draft.failure = failure(news.failure());
        BuildDraft build = Objects.requireNonNull(draft.build);
        build.uncounted(news.uncounted());
        build.nextAttemptAt = seconds(news.at());
    }

    private void pushPending(StatusDraft draft, Conditions conditions, News.PushPending news) {
        draft.phase = Phase.Queued;
        draft.conditions = conditions.pushPending(
                Reasons.PushPending.name(),
                "%s The next attempt to push it starts at %s."
                        .formatted(news.failure().message(), seconds(news.at())));
        ended(draft, news.pod(), news.report(), news.progress());
        draft.failure = failure(news.failure());
        BuildDraft build = Objects.requireNonNull(draft.build);
        build.pendingPushes = news.pendingPushes();
        build.nextAttemptAt = seconds(news.at());
    }

    private void succeeded(StatusDraft draft, Conditions conditions, News.Succeeded news) {
        Result.Succeeded result = news.result();
        ended(draft, Optional.of(news.pod()), Optional.of(news.report()), news.progress());
        draft.phase = Phase.Succeeded;
        draft.conditions = conditions.succeeded(
                Reasons.Succeeded.name(),
                "Pushed %s%s."
                        .formatted(result.image(), whatIsIn(draft, news.report().counts())));
        draft.image(news.report(), result);
        draft.failure = null;
        draft.remember(Reasons.Succeeded.name(), result.digest());
    }

    private void failed(StatusDraft draft, Conditions conditions, News.Failed news) {
        news.attempt().ifPresent(attempt -> {
            draft.due = null;
            draft.rebuildRequestedAt = attempt.rebuildRequestedAt();
            draft.build = BuildDraft.of(attempt, null, draft.specDigest(), null, now());
            draft.steps = List.of();
        });
        ended(draft, news.pod(), news.report(), news.progress());
        draft.phase = Phase.Failed;
        news.lookAgain().ifPresent(at -> Objects.requireNonNull(draft.build).lookedAtAgain(seconds(at)));
        String message = news.failure().message()
                + news.lookAgain()
                        .map(at -> " In case a Secret is the cause and is mended, it is tried again at %s."
                                .formatted(seconds(at)))
                        .orElse("");
        draft.conditions = conditions.failed(news.failure().reason(), message);
        draft.failure = failure(news.failure());
        draft.remember(news.failure().reason(), null);
    }

    private void ended(StatusDraft draft, Optional<BuilderPod> pod, Optional<BuildReport> report, Progress progress) {
        pod.ifPresent(p -> draft.seen(p, progress));
        report.ifPresent(draft::reported);
        String finishedAt =
                pod.flatMap(BuilderPod::endedAt).map(StatusWriter::seconds).orElse(now());
        Objects.requireNonNull(draft.build).finished(finishedAt);
    }

    private static String whatIsIn(StatusDraft draft, BuildReport.StepCounts counts) {
        return draft.platforms.isEmpty()
                ? ". " + counts(counts)
                : " for " + new PlatformsSummary(draft.platforms).names();
    }

    private static String counts(BuildReport.StepCounts counts) {
        int total = counts.total();
        return total == 0
                ? "It has no steps"
                : "%d of %d %s had to be run".formatted(counts.ran(), total, total == 1 ? "step" : "steps");
    }

    private static FailureStatus failure(Result.Failed failed) {
        return new FailureStatus(
                failed.reason(),
                failed.message(),
                failed.step(),
                failed.exitCode(),
                failed.logTail().isEmpty() ? null : String.join("\n", failed.logTail()));
    }

    private String now() {
        return seconds(clock.instant());
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// What the transition from one status to another is announced as.
    public static Optional<Announcement> announcement(ImageBuild build, ImageBuildStatus next) {
        return Announcement.of(build, next);
    }
}
