package build.kiln.builder.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A C function of whole numbers and pointers, each passed as a `long`.
///
/// All have one shape, whatever they take: for each shape the JDK spins two dozen classes, which cost a start ten
/// milliseconds. By the calling conventions of x86_64 and aarch64 a function does not see arguments that it does not
/// have, and takes of a register as many bits as it wants. Of a result, the caller does the same: an `int` is cast, and
/// that of a `void` function means nothing.
public final class NativeFunction {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

    private final MethodHandle handle;

    private NativeFunction(MethodHandle handle) {
        this.handle = handle;
    }

    /// @throws java.util.NoSuchElementException if the library does not have it
    public static NativeFunction of(SymbolLookup library, String name) {
        return new NativeFunction(bind(library.findOrThrow(name)));
    }

    /// A handle for `(MemorySegment errno, long * 7)long`.
    static MethodHandle bind(MemorySegment function) {
        return Linker.nativeLinker()
                .downcallHandle(
                        function,
                        FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD),
                        Linker.Option.captureCallState("errno"));
    }

    public long call() {
        return call(0, 0, 0);
    }

    public long call(long a) {
        return call(a, 0, 0);
    }

    public long call(long a, long b, long c) {
        try {
            return (long) handle.invokeExact(Kernel.get().errno(), a, b, c, 0L, 0L, 0L, 0L);
        } catch (Throwable thrown) {
            throw new IllegalStateException("a function of C cannot throw", thrown);
        }
    }
}
