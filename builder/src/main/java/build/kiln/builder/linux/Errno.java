package build.kiln.builder.linux;

/// Why the kernel refused a call: the numbers that Kiln's code or its messages tell apart.
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    EBADF(9, "bad file descriptor"),
    EAGAIN(11, "would block"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EBUSY(16, "busy"),
    EEXIST(17, "file exists"),
    EXDEV(18, "leads to another file system, or out of the root"),
    ENODEV(19, "no such device or file system type"),
    ENOTDIR(20, "not a directory"),
    EISDIR(21, "is a directory"),
    EINVAL(22, "invalid argument"),
    EMFILE(24, "too many open files"),
    EFBIG(27, "file too large"),
    ENOSPC(28, "no space left on device"),
    EROFS(30, "read-only file system"),
    EMLINK(31, "too many links"),
    ERANGE(34, "does not fit"),
    ENAMETOOLONG(36, "file name too long"),
    ENOSYS(38, "this kernel does not have the call"),
    ENOTEMPTY(39, "directory not empty"),
    ELOOP(40, "a symbolic link where none is allowed, or too many of them"),
    ENODATA(61, "no such attribute"),
    EOVERFLOW(75, "value too large for the file system or the user namespace"),
    EOPNOTSUPP(95, "not supported by the file system"),
    EDQUOT(122, "disk quota exceeded"),
    /// Any other number; [SystemCallFailure#errnoNumber] has it.
    OTHER(0, "error");

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    String text() {
        return text;
    }

    static Errno of(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno;
            }
        }
        return OTHER;
    }

    int number() {
        return number;
    }
}
