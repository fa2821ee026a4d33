package build.kiln.operator.status;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.PlatformStatus;
import build.kiln.operator.policy.Attempt;
import java.util.List;

/// One platform of an ImageBuild for several, as if it were an ImageBuild of its own: the same wish, and the status of
/// this platform alone.
public final class PlatformViews {

    private PlatformViews() {}

    /// @param attempt at the whole build, with the time of its start: what a platform has of an earlier one is to be
    /// built
    ///     again
    public static ImageBuild of(ImageBuild build, String platform, Attempt attempt) {
        ImageBuild view = new ImageBuild();
        view.setMetadata(build.getMetadata());
        view.setSpec(build.getSpec());
        view.setStatus(platforms(build).stream()
                .filter(p -> p.platform().equals(platform))
                .findFirst()
                .map(p -> toView(p, attempt))
                .orElse(ImageBuildStatus.NONE));
        return view;
    }

    /// The view once this has been written of it.
    public static ImageBuild with(ImageBuild view, ImageBuildStatus status) {
        ImageBuild next = new ImageBuild();
        next.setMetadata(view.getMetadata());
        next.setSpec(view.getSpec());
        next.setStatus(status);
        return next;
    }

    /// What was known of each platform.
    public static List<PlatformStatus> platforms(ImageBuild build) {
        return build.getStatus() == null ? List.of() : build.getStatus().platforms();
    }

    private static ImageBuildStatus toView(PlatformStatus platform, Attempt attempt) {
        BuildStatus last = platform.build();
        String start = attempt.buildStartedAt().orElseThrow().toString();
        boolean isOfAnother = last != null && !start.equals(last.startedAt());
        return new ImageBuildStatus(
                null,
                platform.phase(),
                platform.conditions(),
                null,
                platform.digest(),
                platform.sizeBytes(),
                List.of(),
                platform.isolation(),
                platform.isolationLeftOut(),
                platform.source(),
                platform.baseImages(),
                List.of(),
                isOfAnother ? new DueBuild(attempt.why().name(), start, null) : null,
                null,
                null,
                isOfAnother && last != null ? ended(last, start) : last,
                platform.steps(),
                platform.failure(),
                platform.warnings(),
                platform.rebuildRequestedAt(),
                List.of());
    }

    /// Nobody waits for it any more, even if its pod was taken away.
    private static BuildStatus ended(BuildStatus last, String at) {
        BuildDraft draft = BuildDraft.from(last);
        if (last.finishedAt() == null || last.nextAttemptAt() != null) {
            draft.finished(at);
        }
        return draft.toStatus();
    }

    /// The way back: what of a view's status is kept.
    public static PlatformStatus toStatus(String platform, ImageBuildStatus view) {
        return new PlatformStatus(
                platform,
                view.phase(),
                view.conditions(),
                view.digest(),
                view.sizeBytes(),
                view.isolation(),
                view.isolationLeftOut(),
                view.source(),
                view.baseImages(),
                view.build(),
                view.steps(),
                view.failure(),
                view.warnings(),
                view.rebuildRequestedAt());
    }
}
