package build.kiln.builder.linux;

import java.nio.file.Path;
import java.time.Instant;

/// What the kernel knows of a file.
///
/// @param mode permissions with setuid, setgid and sticky: 07777
/// @param links number of names of this inode
/// @param device which file system it is on; with `inode` the file's identity
/// @param rdev what a device node stands for; 0:0 for everything else
/// @param btime when the inode was made: tells two apart that had the same number one after the other; the epoch
///     where the file system does not know
/// @param blocks512 disk space in units of 512 bytes
public record FileStatus(
        FileType type,
        int mode,
        long uid,
        long gid,
        long sizeBytes,
        Instant mtime,
        Instant ctime,
        Instant btime,
        long inode,
        long links,
        DeviceNumber device,
        DeviceNumber rdev,
        long blocks512) {

    /// The basic facts, and the time of birth.
    static final long STATX_BASIC = 0xfff;

    private static final int AT_FDCWD = -100;

    /// True for overlayfs's marker of a deleted file: a character device 0:0.
    public boolean isOverlayWhiteout() {
        return type == FileType.CHARACTER_DEVICE && rdev.major() == 0 && rdev.minor() == 0;
    }

    /// What is at a path; a link at its end is not followed.
    public static FileStatus of(Path path) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        byte[] name = NativePath.of(path);
        long text = kernel.path(SystemCall.statx, name);
        NativeMemory statx = kernel.struct();
        kernel.call(SystemCall.statx, name, AT_FDCWD, text, OpenFile.AT_SYMLINK_NOFOLLOW, STATX_BASIC, statx.address());
        return read(statx);
    }

    static FileStatus read(NativeMemory statx) {
        int mode = Short.toUnsignedInt(statx.getShort(28));
        return new FileStatus(
                FileType.ofMode(mode),
                mode & 07777,
                unsigned(statx, 20),
                unsigned(statx, 24),
                statx.getLong(40),
                time(statx, 112),
                time(statx, 96),
                time(statx, 80),
                statx.getLong(32),
                unsigned(statx, 16),
                device(statx, 136),
                device(statx, 128),
                statx.getLong(48));
    }

    private static long unsigned(NativeMemory statx, int offset) {
        return Integer.toUnsignedLong(statx.getInt(offset));
    }

    private static Instant time(NativeMemory statx, int offset) {
        return Instant.ofEpochSecond(statx.getLong(offset), statx.getInt(offset + 8));
    }

    private static DeviceNumber device(NativeMemory statx, int offset) {
        return new DeviceNumber(statx.getInt(offset), statx.getInt(offset + 4));
    }
}
