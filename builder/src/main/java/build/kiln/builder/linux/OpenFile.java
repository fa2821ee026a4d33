package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An open file. Whoever opened it closes it; not for use by two threads at once, but for [#readAt].
public final class OpenFile implements AutoCloseable {

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private final int fd;
    private final byte[] path;
    private boolean closed;

    OpenFile(int fd, byte[] path) {
        this.fd = fd;
        this.path = path;
    }

    /// Opens for reading; links are followed.
    public static OpenFile read(byte[] path) throws SystemCallFailure {
        return open(path, O_RDONLY, 0);
    }

    /// Opens for reading and writing, and makes it with these permissions where it is missing.
    public static OpenFile readWrite(byte[] path, int mode) throws SystemCallFailure {
        return open(path, O_RDWR | O_CREAT, mode);
    }

    /// What this process was started with under this number.
    public static OpenFile inherited(int number) {
        return new OpenFile(number, Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    static OpenFile open(byte[] path, int flags, int mode) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long name = kernel.path(SystemCall.openat, path);
        long fd = kernel.call(SystemCall.openat, path, Kernel.AT_FDCWD, name, flags | O_CLOEXEC, mode, 0);
        return new OpenFile((int) fd, path);
    }

    /// The descriptor's number; for `/proc/self/fd/N` and for what a child inherits.
    public int number() {
        return fd;
    }

    /// Up to `length` bytes from the current position; fewer are no sign of the end.
    ///
    /// @return the number of bytes, or 0 at the end of the file
    public int read(byte[] into, int offset, int length) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long wanted = Math.min(length, buffer.sizeBytes());
        int count = (int) kernel.call(SystemCall.read, path, fd, buffer.address(), wanted, 0, 0);
        buffer.get(0, into, offset, count);
        return count;
    }

    /// As [#read], from a position of the caller's; the file's own does not move.
    public int readAt(long position, byte[] into, int offset, int length) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long wanted = Math.min(length, buffer.sizeBytes());
        int count = (int) kernel.call(SystemCall.pread64, path, fd, buffer.address(), wanted, position, 0);
        buffer.get(0, into, offset, count);
        return count;
    }

    /// Writes all of it.
    public void write(byte[] from, int offset, int length) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, buffer.sizeBytes());
            buffer.put(0, from, offset + done, part);
            done += (int) kernel.call(SystemCall.write, path, fd, buffer.address(), part, 0, 0);
        }
    }

    /// Copies up to `length` bytes from another file's current position to this one's, inside the kernel;
    /// shares the
    /// disk blocks where the file system can.
    ///
    /// @return the number of bytes, 0 at the end; fails with EXDEV or EINVAL where the two cannot be copied like
    /// that
    public long copyFrom(OpenFile source, long length) throws SystemCallFailure {
        return Kernel.get().call(SystemCall.copy_file_range, path, source.fd, 0, fd, 0, length);
    }

    public FileStatus status() throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long empty = kernel.path(SystemCall.statx, new byte[0]);
        NativeMemory statx = kernel.struct();
        kernel.call(SystemCall.statx, path, fd, empty, AT_EMPTY_PATH, FileStatus.STATX_BASIC, statx.address());
        return FileStatus.read(statx);
    }

    public void truncate(long sizeBytes) throws SystemCallFailure {
        Kernel.get().call(SystemCall.ftruncate, path, fd, sizeBytes, 0, 0, 0);
    }

    public void chown(long uid, long gid) throws SystemCallFailure {
        Kernel.get().call(SystemCall.fchown, path, fd, uid, gid, 0, 0);
    }

    /// @param mode 07777; to be set after the owner, whose change clears setuid and setgid
    public void chmod(int mode) throws SystemCallFailure {
        Kernel.get().call(SystemCall.fchmod, path, fd, mode, 0, 0, 0);
    }

    /// Sets the time of the last change of content, and that of the last access to the same.
    public void setTimes(Instant mtime) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(SystemCall.utimensat, path, fd, 0, Directory.times(kernel, mtime), 0, 0);
    }

    /// Names of the extended attributes; none on a file system without them.
    public List<String> xattrs() throws SystemCallFailure {
        return Xattrs.list(fd);
    }

    public Optional<byte[]> xattr(String name) throws SystemCallFailure {
        return Xattrs.get(fd, name);
    }

    public void setXattr(String name, byte[] value) throws SystemCallFailure {
        Xattrs.set(fd, name, value);
    }

    /// Waits until content and attributes are on the disk.
    public void sync() throws SystemCallFailure {
        Kernel.get().call(SystemCall.fsync, path, fd, 0, 0, 0, 0);
    }

    /// Waits until the whole file system that this file is on is on the disk.
    public void syncFileSystem() throws SystemCallFailure {
        Kernel.get().call(SystemCall.syncfs, path, fd, 0, 0, 0, 0);
    }

    /// Takes the lock if nobody holds one that is in its way. Freed by [#unlock], by [#close], and by the
    /// death of the
    /// process (more exactly: when the last copy of this descriptor is closed).
    ///
    /// @return false if somebody holds it
    public boolean tryLock(Lock lock) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long result = kernel.raw(SystemCall.fcntl, fd, Lock.F_OFD_SETLK, lock.struct(kernel), 0, 0);
        if (result == -Errno.EAGAIN.number() || result == -Errno.EACCES.number()) {
            return false;
        }
        if (result < 0) {
            throw SystemCallFailure.about("fcntl", path, (int) -result);
        }
        return true;
    }

    /// Waits for the lock. A waiting thread cannot be interrupted, and a virtual one pins its carrier.
    public void lock(Lock lock) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(SystemCall.fcntl, path, fd, Lock.F_OFD_SETLKW, lock.struct(kernel), 0, 0);
    }

    public void unlock() throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(SystemCall.fcntl, path, fd, Lock.F_OFD_SETLK, Lock.release(kernel), 0, 0);
    }

    /// Closes once; a second call does nothing.
    @Override
    public void close() throws SystemCallFailure {
        if (!closed) {
            closed = true;
            Kernel.get().call(SystemCall.close, path, fd, 0, 0, 0, 0);
        }
    }

    @Override
    public String toString() {
        return new String(path, StandardCharsets.UTF_8);
    }
}
