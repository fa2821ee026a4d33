package build.kiln.builder.source;

import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What `lstat` says of one path.
record FileStat(
        FileKind kind,
        int mode,
        long sizeBytes,
        int uid,
        int gid,
        long rdev,
        int names,
        Instant modified,
        FileIdentity identity) {

    /// By the kernel's own call: the JDK's goes by way of a map.
    static FileStat of(Path path) throws IOException {
        FileStatus found;
        try {
            found = FileStatus.of(path);
        } catch (SystemCallFailure e) {
            // Says it in the JDK's exceptions, which callers tell apart.
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            throw e;
        }
        return of(found);
    }

    static FileStat of(FileStatus found) {
        long sizeBytes = found.type() == FileType.REGULAR ? found.sizeBytes() : 0;
        return new FileStat(
                kind(found.type()),
                found.mode(),
                sizeBytes,
                (int) found.uid(),
                (int) found.gid(),
                found.rdev().encoded(),
                (int) found.links(),
                found.mtime(),
                new FileIdentity(
                        found.device().encoded(),
                        found.inode(),
                        sizeBytes,
                        nanoseconds(found.mtime()),
                        nanoseconds(found.ctime())));
    }

    /// As [#of(Path)], or null if there is nothing at this path.
    static @Nullable FileStat ifThere(Path path) throws IOException {
        try {
            return of(path);
        } catch (NoSuchFileException e) {
            return null;
        } catch (FileSystemException e) {
            String why = String.valueOf(e.getReason());
            if (why.contains("Not a directory") || why.contains("File name too long")) {
                return null;
            }
            throw e;
        }
    }

    private static long nanoseconds(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }

    private static FileKind kind(FileType type) {
        return switch (type) {
            case DIRECTORY -> FileKind.DIRECTORY;
            case SYMLINK -> FileKind.SYMLINK;
            case FIFO -> FileKind.FIFO;
            case CHARACTER_DEVICE -> FileKind.CHARACTER_DEVICE;
            case BLOCK_DEVICE -> FileKind.BLOCK_DEVICE;
            case REGULAR, SOCKET, UNKNOWN -> FileKind.FILE;
        };
    }
}
