package build.kiln.local.app;

import build.kiln.local.cluster.ClusterFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--state`: which cluster is meant.
final class StateOption {

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "The folder of the cluster; several with different folders can run at once."
                    + " Default: .kiln/local in the project.")
    private @Nullable Path folder;

    ClusterFolder folder(ProjectFolder project) {
        return new ClusterFolder(folder == null ? project.root().resolve(".kiln/local") : folder);
    }
}
