package build.kiln.builder.linux;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// One handle for every system call, and the native memory in which a thread passes its arguments.
final class Kernel {

    /// What `openat` and its kin take for "relative to the current directory"; our paths are absolute then.
    static final int AT_FDCWD = -100;

    private static final int EINTR = Errno.EINTR.number();
    private static final int PATH_MAX = 4096;
    private static final ThreadLocal<Kernel> OF_THREAD = ThreadLocal.withInitial(Kernel::new);

    static final int BUFFER_BYTES = 64 * 1024;

    private static final int STRUCT_BYTES = 256;

    private final NativeMemory first;
    private final NativeMemory second;
    private final NativeMemory small;
    private final NativeMemory errno;
    private @Nullable NativeMemory buffer;

    private Kernel() {
        int errnoBytes = (int) Linker.Option.captureStateLayout().byteSize();
        NativeMemory all = NativeMemory.allocate(2 * PATH_MAX + STRUCT_BYTES + errnoBytes);
        first = all.slice(0, PATH_MAX);
        second = all.slice(PATH_MAX, PATH_MAX);
        small = all.slice(2 * PATH_MAX, STRUCT_BYTES);
        errno = all.slice(2 * PATH_MAX + STRUCT_BYTES, errnoBytes);
    }

    /// The calling thread's own.
    static Kernel get() {
        return OF_THREAD.get();
    }

    /// 64 KiB for the data of one call.
    NativeMemory buffer() {
        NativeMemory mine = buffer;
        if (mine == null) {
            mine = NativeMemory.allocate(BUFFER_BYTES);
            buffer = mine;
        }
        return mine;
    }

    /// 256 bytes for the struct of one call.
    NativeMemory struct() {
        return small;
    }

    /// Where a call leaves its `errno`.
    MemorySegment errno() {
        return errno.segment();
    }

    /// The address of this path as a C string, until the thread's next call of this method.
    long path(SystemCall call, byte[] path) throws SystemCallFailure {
        return string(call, path, first);
    }

    /// As [#path], for a call's second path.
    long secondPath(SystemCall call, byte[] path) throws SystemCallFailure {
        return string(call, path, second);
    }

    private static long string(SystemCall call, byte[] text, NativeMemory to) throws SystemCallFailure {
        if (text.length >= PATH_MAX) {
            throw SystemCallFailure.about(call.name(), text, Errno.ENAMETOOLONG.number());
        }
        for (byte b : text) {
            if (b == 0) {
                throw SystemCallFailure.about(call.name(), text, Errno.EINVAL.number());
            }
        }
        to.put(0, text, 0, text.length);
        to.putByte(text.length, (byte) 0);
        return to.address();
    }

    /// The call's result, or the negative errno. No call of ours has a sixth argument other than 0. A call
    /// that a signal interrupted is made again.
    long raw(SystemCall call, long a, long b, long c, long d, long e) {
        while (true) {
            long result = invoke(call.number(), a, b, c, d, e);
            if (result != -1) {
                return result;
            }
            int number = errno.getInt(0);
            if (number != EINTR) {
                return -number;
            }
            if (call == SystemCall.close) {
                return 0; // Linux has closed it all the same.
            }
        }
    }

    /// @param about the path in question, for the message
    long call(SystemCall call, byte[] about, long a, long b, long c, long d, long e) throws SystemCallFailure {
        long result = raw(call, a, b, c, d, e);
        if (result < 0) {
            throw SystemCallFailure.about(call.name(), about, (int) -result);
        }
        return result;
    }

    private long invoke(long number, long a, long b, long c, long d, long e) {
        try {
            return (long) Binding.SYSCALL.invokeExact(errno.segment(), number, a, b, c, d, e, 0L);
        } catch (Throwable thrown) {
            throw new IllegalStateException("a system call cannot throw", thrown);
        }
    }

    /// Bound when the first call is made.
    private static final class Binding {
        static final MethodHandle SYSCALL =
                NativeFunction.bind(Linker.nativeLinker().defaultLookup().findOrThrow("syscall"));
    }
}
