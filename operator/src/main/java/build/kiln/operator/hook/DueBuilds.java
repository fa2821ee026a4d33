package build.kiln.operator.hook;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import java.util.Optional;
import java.util.Set;

/// ImageBuilds as the hooks see them.
public interface DueBuilds {

    Optional<ImageBuild> get(String namespace, String name);

    /// Writes down that a build is due; it stays so whoever restarts.
    ///
    /// @return false if the resource had changed meanwhile
    boolean write(ImageBuild build, DueBuild due);

    /// Rebuilds that nobody asked for: they wait behind all others.
    Set<String> NOT_ASKED_FOR = Set.of("Schedule", "BaseImage");

    /// Whether there is nothing to write: a build that is due already, or that is new, gets what was pushed.
    static boolean isDue(ImageBuild build) {
        ImageBuildStatus status = build.getStatus();
        return status == null
                || status.build() == null
                || status.due() instanceof DueBuild due && !NOT_ASKED_FOR.contains(due.reason());
    }
}
