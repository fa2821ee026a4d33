package build.kiln.builder.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// One file, directory, link or device that a COPY reads.
///
/// @param root of the context, without a link in it
/// @param rootPath where it lies below the root, without a link in it
/// @param path relative to the selected source, empty for the source itself. It keeps names that are not
///     UTF-8, which [#pathBytes()] gives exactly and its `toString` does not
/// @param mode the lower twelve bits: permissions, setuid, setgid, sticky
/// @param sizeBytes of the content; 0 for all but files
/// @param modified as the file system has it, to the nanosecond
/// @param rdev the device's own number, as `stat` gives it; 0 for all but devices
/// @param names how many names the file has, here and anywhere: hard links
/// @param identity tells whether the content is still the same, without reading it
public record ContextFile(
        Path root,
        Path rootPath,
        Path path,
        FileKind kind,
        int mode,
        long sizeBytes,
        Instant modified,
        int uid,
        int gid,
        long rdev,
        int names,
        FileIdentity identity) {

    static ContextFile of(Beneath context, Path rootPath, Path path, FileStat stat) {
        return new ContextFile(
                context.root(),
                rootPath,
                path,
                stat.kind(),
                stat.mode(),
                stat.sizeBytes(),
                stat.modified(),
                stat.uid(),
                stat.gid(),
                stat.rdev(),
                stat.names(),
                stat.identity());
    }

    /// Where it lies now; for reading alone. Prefer [#open()], which nobody can lead astray.
    public Path location() {
        return rootPath.equals(Beneath.EMPTY) ? root : root.resolve(rootPath);
    }

    /// The path's exact bytes, its parts separated by slashes.
    public byte[] pathBytes() {
        return PathBytes.of(path);
    }

    /// The exact bytes of a symbolic link's target.
    public byte[] linkTargetBytes() throws IOException {
        return PathBytes.of(Files.readSymbolicLink(location()));
    }

    /// The content, of [#sizeBytes()] bytes. The caller closes it.
    ///
    /// No link is followed on the way, even if somebody puts one there in this moment.
    ///
    /// @throws IOException also if the file is not the one any more that was looked at
    public InputStream open() throws IOException {
        return sizeBytes == 0
                ? InputStream.nullInputStream() // also what stands for a socket
                : FileContentStream.open(this);
    }
}
