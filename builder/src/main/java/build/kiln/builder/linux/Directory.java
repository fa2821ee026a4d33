package build.kiln.builder.linux;

import static build.kiln.builder.linux.OpenFile.AT_SYMLINK_NOFOLLOW;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// An open directory, and what can be done to the names in it.
///
/// A `name` is one path component; its own last link is never followed. Only the methods that take a `path`
/// with a
/// [Resolution] go deeper. Whoever opened it closes it.
public final class Directory implements AutoCloseable {

    private static final int AT_REMOVEDIR = 0x200;
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;

    private final OpenFile file;

    private Directory(OpenFile file) {
        this.file = file;
    }

    /// Opens a directory of the caller's own; links in the path are followed.
    public static Directory open(Path path) throws SystemCallFailure {
        return open(NativePath.of(path));
    }

    /// @param path absolute
    public static Directory open(byte[] path) throws SystemCallFailure {
        return new Directory(OpenFile.open(path, OpenFile.O_RDONLY | OpenFile.O_DIRECTORY, 0));
    }

    /// Opens a directory below this one.
    public Directory openDirectory(byte[] path, Resolution resolution) throws SystemCallFailure {
        return new Directory(openBelow(path, OpenFile.O_RDONLY | OpenFile.O_DIRECTORY, 0, resolution));
    }

    /// Opens a file below this one for reading. A fifo does not make this wait.
    public OpenFile openFile(byte[] path, Resolution resolution) throws SystemCallFailure {
        return openBelow(path, OpenFile.O_RDONLY | OpenFile.O_NONBLOCK, 0, resolution);
    }

    /// Makes a new file and opens it for writing; EEXIST if there is anything of that name.
    public OpenFile createFile(byte[] name, int mode) throws SystemCallFailure {
        int flags = OpenFile.O_RDWR | OpenFile.O_CREAT | OpenFile.O_EXCL | OpenFile.O_NOFOLLOW | OpenFile.O_CLOEXEC;
        Kernel kernel = Kernel.get();
        long path = kernel.path(SystemCall.openat, name);
        long fd = kernel.call(SystemCall.openat, name, file.number(), path, flags, mode, 0);
        return new OpenFile((int) fd, name);
    }

    private OpenFile openBelow(byte[] path, int flags, int mode, Resolution resolution) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory how = kernel.struct();
        how.putLong(0, Integer.toUnsignedLong(flags | OpenFile.O_CLOEXEC));
        how.putLong(8, mode);
        how.putLong(16, resolution.bits());
        long name = kernel.path(SystemCall.openat2, path);
        long fd = kernel.call(SystemCall.openat2, path, file.number(), name, how.address(), 24, 0);
        return new OpenFile((int) fd, path);
    }

    /// The descriptor's number; for `/proc/self/fd/N` and for mounts.
    public int number() {
        return file.number();
    }

    public FileStatus status() throws SystemCallFailure {
        return file.status();
    }

    public FileStatus status(byte[] name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long path = kernel.path(SystemCall.statx, name);
        NativeMemory statx = kernel.struct();
        kernel.call(
                SystemCall.statx,
                name,
                file.number(),
                path,
                AT_SYMLINK_NOFOLLOW,
                FileStatus.STATX_BASIC,
                statx.address());
        return FileStatus.read(statx);
    }

    /// As [#status(byte[])], empty where there is no such name.
    public Optional<FileStatus> statusIfPresent(byte[] name) throws SystemCallFailure {
        try {
            return Optional.of(status(name));
        } catch (SystemCallFailure failure) {
            if (failure.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    /// All names but `.` and `..`, in the kernel's order, which means nothing. Can be called once per opening.
    public List<DirectoryEntry> list() throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        List<DirectoryEntry> entries = new ArrayList<>();
        while (true) {
            long size = kernel.raw(SystemCall.getdents64, file.number(), buffer.address(), buffer.sizeBytes(), 0, 0);
            if (size < 0) {
                throw new SystemCallFailure("getdents64", file.toString(), (int) -size);
            }
            if (size == 0) {
                return entries;
            }
            byte[] records = buffer.first((int) size);
            for (int at = 0; at < size; ) {
                int length = Short.toUnsignedInt(buffer.getShort(at + 16));
                add(records, at, buffer.getLong(at), entries);
                at += length;
            }
        }
    }

    private static void add(byte[] records, int at, long inode, List<DirectoryEntry> to) {
        int start = at + 19;
        int end = start;
        while (records[end] != 0) {
            end++;
        }
        boolean dots = records[start] == '.' && (end == start + 1 || (end == start + 2 && records[start + 1] == '.'));
        if (!dots) {
            FileType type = FileType.ofMode((records[at + 18] & 0xff) << 12);
            to.add(new DirectoryEntry(Arrays.copyOfRange(records, start, end), type, inode));
        }
    }

    public byte[] readLink(byte[] name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long path = kernel.path(SystemCall.readlinkat, name);
        long size =
                kernel.call(SystemCall.readlinkat, name, file.number(), path, buffer.address(), buffer.sizeBytes(), 0);
        return buffer.first((int) size);
    }

    public void makeDirectory(byte[] name, int mode) throws SystemCallFailure {
        named(SystemCall.mkdirat, name, mode, 0, 0);
    }

    public void makeSymlink(byte[] target, byte[] name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long to = kernel.path(SystemCall.symlinkat, target);
        long path = kernel.secondPath(SystemCall.symlinkat, name);
        kernel.call(SystemCall.symlinkat, name, to, file.number(), path, 0, 0);
    }

    /// Gives the file `existingName` of directory `from` a second name in this one.
    public void makeLink(Directory from, byte[] existingName, byte[] name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long existing = kernel.path(SystemCall.linkat, existingName);
        long path = kernel.secondPath(SystemCall.linkat, name);
        kernel.call(SystemCall.linkat, name, from.number(), existing, file.number(), path, 0);
    }

    /// Makes a device, a fifo or (0:0) overlayfs's whiteout.
    ///
    /// @param rdev [DeviceNumber#NONE] for a fifo
    public void makeNode(byte[] name, FileType type, int mode, DeviceNumber rdev) throws SystemCallFailure {
        named(SystemCall.mknodat, name, type.bits() | mode, rdev.encoded(), 0);
    }

    public void unlink(byte[] name) throws SystemCallFailure {
        named(SystemCall.unlinkat, name, 0, 0, 0);
    }

    /// Removes an empty directory.
    public void removeDirectory(byte[] name) throws SystemCallFailure {
        named(SystemCall.unlinkat, name, AT_REMOVEDIR, 0, 0);
    }

    /// Removes whatever has this name, with everything below it; fine if there is nothing.
    public void removeTree(byte[] name) throws SystemCallFailure {
        new TreeRemoval(this, name).run();
    }

    /// Moves `name` of this directory to `newName` of `to`, in place of what is there.
    public void rename(byte[] name, Directory to, byte[] newName) throws SystemCallFailure {
        rename(name, to, newName, 0);
    }

    /// As [#rename], but EEXIST if there is something of the new name.
    public void renameToNew(byte[] name, Directory to, byte[] newName) throws SystemCallFailure {
        rename(name, to, newName, RENAME_NOREPLACE);
    }

    /// Exchanges the two in one moment.
    public void exchange(byte[] name, Directory with, byte[] otherName) throws SystemCallFailure {
        rename(name, with, otherName, RENAME_EXCHANGE);
    }

    private void rename(byte[] name, Directory to, byte[] newName, int flags) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long from = kernel.path(SystemCall.renameat2, name);
        long path = kernel.secondPath(SystemCall.renameat2, newName);
        kernel.call(SystemCall.renameat2, name, file.number(), from, to.number(), path, flags);
    }

    public void chown(byte[] name, long uid, long gid) throws SystemCallFailure {
        named(SystemCall.fchownat, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    /// Not for symbolic links: the kernel would follow them. After [#chown], which clears setuid and setgid.
    ///
    /// @param mode 07777
    public void chmod(byte[] name, int mode) throws SystemCallFailure {
        named(SystemCall.fchmodat, name, mode, 0, 0);
    }

    /// The mode of the directory itself; needs no right to it but that of its owner.
    public void chmod(int mode) throws SystemCallFailure {
        file.chmod(mode);
    }

    /// Sets the time of the last change of content, and that of the last access to the same.
    public void setTimes(byte[] name, Instant mtime) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        named(SystemCall.utimensat, name, times(kernel, mtime), AT_SYMLINK_NOFOLLOW, 0);
    }

    static long times(Kernel kernel, Instant time) {
        NativeMemory struct = kernel.struct();
        for (int offset = 0; offset <= 16; offset += 16) {
            struct.putLong(offset, time.getEpochSecond());
            struct.putLong(offset + 8, time.getNano());
        }
        return struct.address();
    }

    /// Names of the extended attributes; none on a file system without them.
    public List<String> xattrs(byte[] name) throws SystemCallFailure {
        return Xattrs.list(inProc(name));
    }

    /// Those of the directory itself.
    public List<String> xattrs() throws SystemCallFailure {
        return file.xattrs();
    }

    public Optional<byte[]> xattr(byte[] name, String attribute) throws SystemCallFailure {
        return Xattrs.get(inProc(name), attribute);
    }

    public Optional<byte[]> xattr(String attribute) throws SystemCallFailure {
        return file.xattr(attribute);
    }

    public void setXattr(byte[] name, String attribute, byte[] value) throws SystemCallFailure {
        Xattrs.set(inProc(name), attribute, value);
    }

    public void removeXattr(byte[] name, String attribute) throws SystemCallFailure {
        Xattrs.remove(inProc(name), attribute);
    }

    /// Waits until the names in this directory are on the disk.
    public void sync() throws SystemCallFailure {
        file.sync();
    }

    /// The kernel has no xattr calls relative to a descriptor; through /proc the path can be as long as it likes.
    private byte[] inProc(byte[] name) {
        byte[] prefix = ("/proc/self/fd/" + number() + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(prefix, prefix.length + name.length);
        System.arraycopy(name, 0, path, prefix.length, name.length);
        return path;
    }

    private void named(SystemCall call, byte[] name, long b, long c, long d) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(call, name, file.number(), kernel.path(call, name), b, c, d);
    }

    @Override
    public void close() throws SystemCallFailure {
        file.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
