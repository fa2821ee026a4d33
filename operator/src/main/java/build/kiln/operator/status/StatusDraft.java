package build.kiln.operator.status;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.Condition;
import build.kiln.crds.DueBuild;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.History;
import build.kiln.crds.HistoryEntry;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.LeftOutRungStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.crds.ScheduleStatus;
import build.kiln.crds.SourceStatus;
import build.kiln.crds.StepStatus;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.SpecDigest;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.StepReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A status in the making. Begins as the present one, so that what nobody speaks of stays.
final class StatusDraft {

    /// With the longest texts, these take 50 KiB for each platform; all of an ImageBuild has to fit into 1.5 MiB.
    private static final int MOST_STEPS = 100;

    private final ImageBuild imageBuild;

    @Nullable
    Long observedGeneration;

    @Nullable
    Phase phase;

    private final boolean hadFailed;

    List<Condition> conditions;
    private @Nullable String image;
    private @Nullable String digest;
    private @Nullable Long sizeBytes;
    private List<String> tags;
    private @Nullable String isolation;
    private List<LeftOutRungStatus> isolationLeftOut;
    private @Nullable SourceStatus source;
    private List<BaseImageStatus> baseImages;

    List<PlatformStatus> platforms;

    @Nullable
    DueBuild due;

    @Nullable
    ScheduleStatus schedule;

    @Nullable
    BaseImagesCheck baseImagesCheck;

    @Nullable
    BuildDraft build;

    List<StepStatus> steps;

    @Nullable
    FailureStatus failure;

    List<String> warnings;

    @Nullable
    String rebuildRequestedAt;

    private List<HistoryEntry> history;

    StatusDraft(ImageBuild imageBuild, ImageBuildStatus old) {
        this.imageBuild = imageBuild;
        observedGeneration = imageBuild.getMetadata().getGeneration();
        phase = old.phase();
        hadFailed = old.phase() == Phase.Failed;
        conditions = old.conditions();
        image = old.image();
        digest = old.digest();
        sizeBytes = old.sizeBytes();
        tags = old.tags();
        isolation = old.isolation();
        isolationLeftOut = old.isolationLeftOut();
        source = old.source();
        baseImages = old.baseImages();
        platforms = old.platforms();
        due = old.due();
        schedule = old.schedule();
        baseImagesCheck = old.baseImagesCheck();
        build = old.build() == null ? null : BuildDraft.from(old.build());
        steps = old.steps();
        failure = old.failure();
        warnings = old.warnings();
        rebuildRequestedAt = old.rebuildRequestedAt();
        history = old.history();
    }

    /// What is known of the platforms of a build for several.
    void platforms(PlatformsSummary summary) {
        platforms = summary.platforms();
        isolation = summary.isolation();
        isolationLeftOut = List.of();
    }

    int platformsWanted() {
        return imageBuild.getSpec().platforms().size();
    }

    /// The memory limit that an attempt has beyond the spec's.
    @Nullable
    String memory(Uncounted uncounted) {
        return uncounted.memory(imageBuild.getSpec().retryWithMemory()).orElse(null);
    }

    String specDigest() {
        return SpecDigest.of(imageBuild.getSpec());
    }

    /// What is known of a pod that works, or did.
    void seen(BuilderPod pod, Progress progress) {
        BuildDraft draft = Objects.requireNonNull(build);
        draft.on(pod);
        if (progress.equals(Progress.NONE)) {
            return;
        }
        draft.progress(progress);
        steps = steps(progress.done().values());
        warnings = progress.warnings();
        isolated(progress.isolation(), progress.leftOut());
    }

    /// What the builder itself reported wins over what its log said.
    void reported(BuildReport report) {
        // A report that had no room for the reasons leaves those that the log told of.
        if (!report.omitted().contains("leftOut")) {
            isolated(report.isolation(), report.leftOut());
        }
        // A report that had no room for the steps leaves those that the log told of.
        if (!report.steps().isEmpty() || report.counts().total() == 0) {
            steps = steps(report.steps());
        }
        warnings = report.omitted().contains("warnings") && !warnings.isEmpty() ? warnings : report.warnings();
        BuildDraft draft = Objects.requireNonNull(build);
        switch (report.result()) {
            case Result.Succeeded succeeded -> draft.succeeded(report.counts());
            case Result.Failed failed -> draft.failed(report.counts());
            case Result.UpToDate upToDate -> {}
            case Result.Moved moved -> {}
        }
    }

    private void isolated(@Nullable String rung, List<LeftOutRung> leftOut) {
        if (rung != null) {
            isolation = rung;
            isolationLeftOut = leftOut.stream()
                    .map(one -> new LeftOutRungStatus(one.rung().word(), one.reason()))
                    .toList();
        }
    }

    void image(BuildReport report, Result.Succeeded result) {
        baseImagesCheck = null;
        image = result.image();
        digest = result.digest();
        sizeBytes = result.sizeBytes();
        tags = result.tags();
        source = report.sourceRevision() == null ? null : new SourceStatus(report.sourceRevision());
        baseImages = report.baseImages().stream()
                .map(b -> new BaseImageStatus(b.name(), b.digest()))
                .toList();
        if (!platforms.isEmpty()) {
            PlatformsSummary summary = new PlatformsSummary(platforms);
            source = summary.source();
            baseImages = summary.baseImages();
        }
    }

    /// A build that was under way has been ended by something else than itself.
    void broken(String result, String now) {
        if (build != null && build.isUnderWay() && !hadFailed) {
            build.finished(now);
            remember(result, null);
        }
    }

    /// Adds the build to the history, and lets the oldest ones go that are too many.
    void remember(String result, @Nullable String builtDigest) {
        var b = Objects.requireNonNull(build).toStatus();
        var entry = new HistoryEntry(
                Objects.requireNonNullElse(
                        b.generation(), imageBuild.getMetadata().getGeneration()),
                b.reason(),
                result,
                builtDigest,
                b.startedAt(),
                b.finishedAt());
        List<HistoryEntry> entries = new ArrayList<>();
        entries.add(entry);
        // A build that was looked at again is still the same build.
        boolean isRecheck = b.rechecks() != null;
        history.stream().filter(e -> !(isRecheck && isSameBuild(e, entry))).forEach(entries::add);
        History limits = imageBuild.getSpec().history();
        int succeeded = 0;
        int failed = 0;
        List<HistoryEntry> kept = new ArrayList<>();
        for (HistoryEntry e : entries) {
            boolean isSuccess = e.result().equals(Reasons.Succeeded.name());
            if (isSuccess ? ++succeeded <= limits.succeeded() : ++failed <= limits.failed()) {
                kept.add(e);
            }
        }
        history = kept;
    }

    private static boolean isSameBuild(HistoryEntry one, HistoryEntry other) {
        return one.startedAt() != null
                && one.startedAt().equals(other.startedAt())
                && one.generation().equals(other.generation());
    }

    ImageBuildStatus toStatus() {
        if (build != null && !platforms.isEmpty()) {
            build.of(new PlatformsSummary(platforms));
        }
        return new ImageBuildStatus(
                observedGeneration,
                phase,
                conditions,
                image,
                digest,
                sizeBytes,
                tags,
                isolation,
                isolationLeftOut,
                source,
                baseImages,
                platforms,
                due,
                schedule,
                baseImagesCheck,
                build == null ? null : build.toStatus(),
                steps,
                failure,
                warnings,
                rebuildRequestedAt,
                history);
    }

    private static List<StepStatus> steps(Collection<StepReport> reports) {
        return reports.stream().limit(MOST_STEPS).map(StatusDraft::step).toList();
    }

    private static StepStatus step(StepReport step) {
        return new StepStatus(
                step.instruction(),
                switch (step.outcome()) {
                    case RAN -> StepStatus.Outcome.RAN;
                    case CACHED -> StepStatus.Outcome.CACHED;
                    case SHARED -> StepStatus.Outcome.SHARED;
                    case RESUMED -> StepStatus.Outcome.RESUMED;
                },
                step.durationMillis(),
                step.sizeBytes() == 0 ? null : step.sizeBytes(),
                step.digest(),
                step.missReason());
    }
}
