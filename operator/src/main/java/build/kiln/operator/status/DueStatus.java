package build.kiln.operator.status;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.BuildReason;
import java.util.Objects;

/// The status of an ImageBuild, and a build that is due besides.
public final class DueStatus {

    private DueStatus() {}

    /// @param build that the operator has seen
    public static ImageBuildStatus of(ImageBuild build, DueBuild due) {
        ImageBuildStatus old = Objects.requireNonNull(build.getStatus());
        StatusDraft draft = new StatusDraft(build, old);
        draft.observedGeneration = old.observedGeneration();
        draft.due = due;
        return draft.toStatus();
    }

    /// Whether a build that is asked for has nothing to write: one that is new, or due already because somebody asked,
    /// comes anyway.
    public static boolean isDue(ImageBuild build) {
        ImageBuildStatus status = build.getStatus();
        return status == null
                || status.build() == null
                || status.due() instanceof DueBuild due
                        && BuildReason.of(due.reason()).isAskedFor();
    }
}
