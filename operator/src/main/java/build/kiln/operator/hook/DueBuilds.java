package build.kiln.operator.hook;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import java.util.Optional;

/// ImageBuilds as the hooks see them.
public interface DueBuilds {

    Optional<ImageBuild> get(String namespace, String name);

    /// Writes down that a build is due; it stays so whoever restarts.
    ///
    /// @return false if the resource had changed meanwhile
    boolean write(ImageBuild build, DueBuild due);

    /// Whether there is nothing to write: a build that is new, or due already by what somebody asked for, gets what was
    /// pushed.
    boolean isDue(ImageBuild build);
}
