package build.kiln.builder.linux;

import java.nio.file.Path;

/// What a directory takes with all that is below it, in whole blocks.
///
/// What vanishes meanwhile or may not be read counts as nothing, and so does what lies deeper than two hundred
/// directories: each of them is open while it is looked at.
public final class TreeSize {

    private static final int BLOCK = 4096;
    private static final int DEEPEST = 200;

    private TreeSize() {}

    /// In bytes.
    ///
    /// @throws SystemCallFailure if the directory itself cannot be opened, or the disk has an error
    public static long of(Path directory) throws SystemCallFailure {
        try (Directory top = Directory.open(directory)) {
            return BLOCK + below(top, 0);
        }
    }

    /// What a file of this size takes, in bytes.
    public static long blocks(long sizeBytes) {
        return (sizeBytes + BLOCK - 1) / BLOCK * BLOCK;
    }

    private static long below(Directory at, int depth) throws SystemCallFailure {
        long sum = 0;
        for (DirectoryEntry entry : at.list()) {
            try {
                FileStatus status = at.status(entry.name());
                if (status.type() != FileType.DIRECTORY) {
                    sum += blocks(status.sizeBytes());
                    continue;
                }
                sum += BLOCK;
                if (depth < DEEPEST) {
                    try (Directory below = at.openDirectory(entry.name(), Resolution.NO_LINKS)) {
                        sum += below(below, depth + 1);
                    }
                }
            } catch (SystemCallFailure e) {
                if (e.errno() == Errno.EIO) {
                    throw e;
                }
            }
        }
        return sum;
    }
}
