package build.kiln.builder.cache.collect;

import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How much a volume may take.
///
/// @param maxBytes that everything on it may take together
/// @param minFreeBytes that the file system has to keep free for others
public record Limits(long maxBytes, long minFreeBytes) {

    private static final long GIB = 1L << 30;
    private static final long FOLDER_BYTES = 20 * GIB;
    private static final long MOST_FREE_BYTES = 2 * GIB;
    private static final long MOST_RESERVED_BYTES = GIB;

    /// A file system that is there for the cache: four fifths of it.
    public static Limits ofVolume(Path root) throws SystemCallFailure {
        return ofVolume(root, OptionalLong.empty(), OptionalLong.empty());
    }

    /// As [#ofVolume(Path)], with what somebody has chosen. At least half of the file system is left to the cache: one
    /// setting holds for volumes of many sizes, and on the smallest of them nothing could stay otherwise.
    public static Limits ofVolume(Path root, OptionalLong maxBytes, OptionalLong minFreeBytes)
            throws SystemCallFailure {
        long total = total(root);
        return new Limits(maxBytes.orElse(total / 5 * 4), Math.min(minFreeBytes.orElse(free(total)), total / 2));
    }

    /// A folder on a machine that has other things to keep: 20 GiB, and no more than four fifths of its file system.
    public static Limits ofFolder(Path root) throws SystemCallFailure {
        return ofFolder(root, FOLDER_BYTES);
    }

    /// As [#ofFolder(Path)], with a size that the user has chosen.
    public static Limits ofFolder(Path root, long maxBytes) throws SystemCallFailure {
        long total = total(root);
        return new Limits(Math.min(maxBytes, total / 5 * 4), free(total));
    }

    /// A file system that is there for others, as a node's own disk: a fifth of it stays free. Kubernetes evicts pods
    /// when
    /// it is a tenth.
    public static Limits ofOthers(Path root) throws SystemCallFailure {
        long total = total(root);
        return new Limits(total / 5 * 4, total / 5);
    }

    /// What a build is given room for before it starts.
    public long reservationBytes() {
        return Math.min(MOST_RESERVED_BYTES, maxBytes / 10);
    }

    private static long free(long total) {
        return Math.min(MOST_FREE_BYTES, total / 20);
    }

    private static long total(Path root) throws SystemCallFailure {
        return FileSystemStatus.of(NativePath.of(root)).totalBytes();
    }
}
