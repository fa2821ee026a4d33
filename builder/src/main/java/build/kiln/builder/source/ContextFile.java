package build.kiln.builder.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;

/// One file, directory, link or device that a COPY reads.
///
/// @param location where it lies now; for reading alone
/// @param path relative to the selected source, empty for the source itself. It keeps names that are not UTF-8,
///     which [#pathBytes()] gives exactly and its `toString` does not
/// @param mode the lower twelve bits: permissions, setuid, setgid, sticky
/// @param sizeBytes of the content; 0 for all but files
/// @param modified as the file system has it, to the nanosecond
/// @param rdev the device's own number, as `stat` gives it; 0 for all but devices
/// @param identity tells whether the content is still the same, without reading it
public record ContextFile(
        Path location,
        Path path,
        FileKind kind,
        int mode,
        long sizeBytes,
        Instant modified,
        int uid,
        int gid,
        long rdev,
        FileIdentity identity) {

    static ContextFile of(Path location, Path path, FileStat stat) {
        return new ContextFile(
                location,
                path,
                stat.kind(),
                stat.mode(),
                stat.sizeBytes(),
                stat.modified(),
                stat.uid(),
                stat.gid(),
                stat.rdev(),
                stat.identity());
    }

    /// The path's exact bytes, its parts separated by slashes.
    public byte[] pathBytes() {
        return PathBytes.of(path);
    }

    /// The exact bytes of a symbolic link's target.
    public byte[] linkTargetBytes() throws IOException {
        return PathBytes.of(Files.readSymbolicLink(location));
    }

    /// The content, of exactly [#sizeBytes()] bytes unless somebody writes to the file meanwhile. The caller
    /// closes it.
    public InputStream open() throws IOException {
        if (sizeBytes == 0) {
            return InputStream.nullInputStream(); // also what stands for a socket
        }
        return Files.newInputStream(location, LinkOption.NOFOLLOW_LINKS);
    }
}
