package build.kiln.builder.source;

import java.nio.file.Path;

/// Where the files to build from come from.
public interface Source {

    /// Brings the files into a folder, or says in which one they already are.
    ///
    /// @param work an empty folder for this source's own use; it has to stay as long as the files are needed
    /// @throws build.kiln.builder.failure.BuildFailure with the place that the user wrote
    SourceTree obtain(Path work);
}
