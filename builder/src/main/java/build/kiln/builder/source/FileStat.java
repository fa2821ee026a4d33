package build.kiln.builder.source;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
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

    private static final String ATTRIBUTES = "unix:mode,size,uid,gid,rdev,nlink,dev,ino,lastModifiedTime,ctime";

    static FileStat of(Path path) throws IOException {
        Map<String, Object> found = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        int mode = (int) value(found, "mode");
        FileTime modified = (FileTime) value(found, "lastModifiedTime");
        FileTime changed = (FileTime) value(found, "ctime");
        boolean regular = (mode & 0170000) == 0100000;
        long sizeBytes = regular ? (long) value(found, "size") : 0;
        FileIdentity identity = new FileIdentity(
                (long) value(found, "dev"),
                (long) value(found, "ino"),
                sizeBytes,
                modified.to(TimeUnit.NANOSECONDS),
                changed.to(TimeUnit.NANOSECONDS));
        return new FileStat(
                kind(mode),
                mode & 07777,
                sizeBytes,
                (int) value(found, "uid"),
                (int) value(found, "gid"),
                (long) value(found, "rdev"),
                (int) value(found, "nlink"),
                modified.toInstant(),
                identity);
    }

    /// As [#of], or null if there is nothing at this path.
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

    private static Object value(Map<String, Object> found, String name) throws IOException {
        Object value = found.get(name);
        if (value == null) {
            throw new IOException("the file system does not tell the attribute " + name);
        }
        return value;
    }

    private static FileKind kind(int mode) {
        return switch (mode & 0170000) {
            case 0040000 -> FileKind.DIRECTORY;
            case 0120000 -> FileKind.SYMLINK;
            case 0010000 -> FileKind.FIFO;
            case 0020000 -> FileKind.CHARACTER_DEVICE;
            case 0060000 -> FileKind.BLOCK_DEVICE;
            default -> FileKind.FILE;
        };
    }
}
