package build.kiln.builder.linux;

/// What a file system is, and how much room it has.
///
/// @param type its magic number, see [#isNfs] and its like
/// @param availableBytes what this process may still write
/// @param availableInodes 0 on file systems that do not count them
public record FileSystemStatus(long type, long totalBytes, long availableBytes, long availableInodes) {

    private static final long NFS = 0x6969;
    private static final long OVERLAY = 0x794c7630;
    private static final long TMPFS = 0x01021994;

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
}
