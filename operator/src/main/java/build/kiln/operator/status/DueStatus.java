package build.kiln.operator.status;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
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
}
