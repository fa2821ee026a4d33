package build.kiln.builder.linux;

/// A lock on a whole file that belongs to an open file description: other threads' and other processes'
/// descriptors
/// see it alike, and it also works on NFS.
public enum Lock {
    /// With other readers.
    SHARED(0),
    /// Alone.
    EXCLUSIVE(1);

    static final int F_OFD_SETLK = 37;
    static final int F_OFD_SETLKW = 38;
    private static final short F_UNLCK = 2;

    private final int type;

    Lock(int type) {
        this.type = type;
    }

    /// A `struct flock` over the whole file, in the thread's buffer.
    long struct(Kernel kernel) {
        return struct(kernel, (short) type);
    }

    static long release(Kernel kernel) {
        return struct(kernel, F_UNLCK);
    }

    private static long struct(Kernel kernel, short type) {
        NativeMemory flock = kernel.struct().clear();
        flock.putShort(0, type);
        return flock.address();
    }
}
