package build.kiln.builder.linux;

import java.util.Set;

/// What a file system is, and how much room it has.
///
/// @param type its magic number, see [#isNfs] and its like
/// @param availableBytes what this process may still write
/// @param availableInodes 0 on file systems that do not count them
public record FileSystemStatus(long type, long totalBytes, long availableBytes, long availableInodes) {

    private static final long BCACHEFS = 0xca451a4eL;
    private static final long BTRFS = 0x9123683eL;
    private static final long EXT = 0xef53;
    private static final long F2FS = 0xf2f52010L;
    private static final long NFS = 0x6969;
    private static final long OVERLAY = 0x794c7630;
    private static final long TMPFS = 0x01021994;
    private static final long XFS = 0x58465342;
    private static final long ZFS = 0x2fc12fc1;

    /// Each change of a file's content gives it a new `ctime` by this machine's clock, and an inode
    /// number is one file's at a time.
    private static final Set<Long> TELLING = Set.of(BCACHEFS, BTRFS, EXT, F2FS, OVERLAY, TMPFS, XFS, ZFS);

    /// The file system that `path` is on.
    public static FileSystemStatus of(byte[] path) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory statfs = kernel.struct();
        kernel.call(SystemCall.statfs, path, kernel.path(SystemCall.statfs, path), statfs.address(), 0, 0, 0);
        long blockBytes = statfs.getLong(72);
        return new FileSystemStatus(
                statfs.getLong(0),
                statfs.getLong(16) * blockBytes,
                statfs.getLong(32) * blockBytes,
                statfs.getLong(48));
    }

    public boolean isNfs() {
        return type == NFS;
    }

    public boolean isOverlay() {
        return type == OVERLAY;
    }

    public boolean isTmpfs() {
        return type == TMPFS;
    }

    /// Whether a file whose inode, size and times are what they were has the content that it had.
    ///
    /// Not so where times are another machine's, may be old ones, or came with an image of the file
    /// system; and who knows where nothing is known of it.
    public boolean tellsOfChanges() {
        return TELLING.contains(type);
    }
}
