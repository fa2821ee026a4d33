package build.kiln.builder.app;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder for one build's own files, gone when the build is over.
record WorkFolder(Path path) implements AutoCloseable {

    /// Makes one below this folder; where that is full, where the machine keeps what is temporary.
    static WorkFolder below(Path parent) {
        try {
            Files.createDirectories(parent);
            try {
                return new WorkFolder(Files.createTempDirectory(parent, "work-"));
            } catch (IOException full) {
                return new WorkFolder(Files.createTempDirectory("kiln-work-"));
            }
        } catch (IOException e) {
            throw notMade(parent, e);
        }
    }

    /// A folder of this name in one that is the build's own.
    static Path in(Path work, String name) {
        try {
            return Files.createDirectories(work.resolve(name));
        } catch (IOException e) {
            throw notMade(work, e);
        }
    }

    private static PlatformFailure notMade(Path parent, IOException e) {
        return new PlatformFailure(
                Reason.DiskFull,
                parent.toString(),
                "no folder for the build's own files can be made here: " + e + ".",
                "Give it room or permission, or name another directory with --cache-dir.",
                e);
    }

    @Override
    public void close() {
        Leftovers.delete(path);
    }
}
