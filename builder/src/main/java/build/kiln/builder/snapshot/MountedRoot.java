package build.kiln.builder.snapshot;

import build.kiln.builder.failure.BuildFailure;
import java.nio.file.Path;

/// An image's files, mounted somewhere: as they are, or for a RUN to change.
public sealed interface MountedRoot extends AutoCloseable permits Snapshot, RootFilesystem {

    /// Where it is mounted; the image's `/`.
    Path root();

    /// Where a path of the image is on this machine: every link is followed as a process inside would follow it,
    /// an absolute one from [#root] on, and `..` never leads above it. What does not exist is taken as it is
    /// written.
    ///
    /// @param path absolute or not; both are from the root on
    /// @throws BuildFailure `PathEscapes` if the links go round in a circle
    default Path resolve(String path) {
        return RootPath.resolve(root(), path);
    }

    /// Unmounts, and removes what the mount needed. May be repeated.
    @Override
    void close();
}
