package build.kiln.operator.hook;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import java.util.Optional;

/// ImageBuilds as the hooks see them.
public interface DueBuilds {

    Optional<ImageBuild> get(String namespace, String name);

    /// Writes down that a build is due; it stays so whoever restarts.
    ///
    /// @return false if the resource had changed meanwhile
    boolean write(ImageBuild build, DueBuild due);

    /// Whether there is nothing to write: a build that is due already, or that is new, gets what was pushed.
    static boolean isDue(ImageBuild build) {
        ImageBuildStatus status = build.getStatus();
        return status == null || status.build() == null || status.due() != null;
    }
}
