package build.kiln.builder.layer;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Deflate by ISA-L (`libisal.so.2`), through its stateless call with a full flush.
///
/// Level 2 gives the same bytes on every x86-64 with SSE 4.2; level 3 does not.
final class IsalPacker implements BlockCodec.Packer {

    private static final int LEVEL = 2;
    private static final int FULL_FLUSH = 2;

    static final String NAME = "isal" + LEVEL;

    /// `sizeof(struct isal_zstream)` is 82,384 in 2.30; room for what later ones add to its end.
    private static final long STREAM_BYTES = 256 << 10;

    /// `ISAL_DEF_LVL2_DEFAULT`.
    private static final long LEVEL_BUFFER_BYTES = 331_776;

    private static final long NEXT_IN = 0;
    private static final long AVAIL_IN = 8;
    private static final long NEXT_OUT = 16;
    private static final long AVAIL_OUT = 24;
    private static final long TOTAL_OUT = 28;
    private static final long LEVEL_AT = 40;
    private static final long LEVEL_BUFFER_SIZE = 44;
    private static final long LEVEL_BUFFER = 48;
    private static final long END_OF_STREAM = 56;
    private static final long FLUSH = 58;

    private final Library library;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment stream = arena.allocate(STREAM_BYTES, 64);
    private final MemorySegment levelBuffer = arena.allocate(LEVEL_BUFFER_BYTES, 64);
    private MemorySegment in = MemorySegment.NULL;
    private MemorySegment out = MemorySegment.NULL;

    private IsalPacker(Library library) {
        this.library = library;
    }

    /// Makes packers if the library is on this machine.
    static Optional<Supplier<BlockCodec.Packer>> find() {
        Library found = Library.load();
        return found == null ? Optional.empty() : Optional.of(() -> new IsalPacker(found));
    }

    @Override
    public int pack(byte[] block, int length, byte[] into) {
        if (in.byteSize() < length) {
            in = arena.allocate(length, 64);
        }
        if (out.byteSize() < into.length) {
            out = arena.allocate(into.length, 64);
        }
        MemorySegment.copy(block, 0, in, ValueLayout.JAVA_BYTE, 0, length);
        library.init(stream);
        stream.set(ValueLayout.JAVA_LONG, NEXT_IN, in.address());
        stream.set(ValueLayout.JAVA_INT, AVAIL_IN, length);
        stream.set(ValueLayout.JAVA_LONG, NEXT_OUT, out.address());
        stream.set(ValueLayout.JAVA_INT, AVAIL_OUT, into.length);
        stream.set(ValueLayout.JAVA_INT, LEVEL_AT, LEVEL);
        stream.set(ValueLayout.JAVA_INT, LEVEL_BUFFER_SIZE, (int) LEVEL_BUFFER_BYTES);
        stream.set(ValueLayout.JAVA_LONG, LEVEL_BUFFER, levelBuffer.address());
        stream.set(ValueLayout.JAVA_SHORT, END_OF_STREAM, (short) 0);
        stream.set(ValueLayout.JAVA_SHORT, FLUSH, (short) FULL_FLUSH);
        int result = library.deflate(stream);
        if (result != 0 || stream.get(ValueLayout.JAVA_INT, AVAIL_IN) != 0) {
            throw new IllegalStateException("isal_deflate_stateless answered " + result);
        }
        int packed = stream.get(ValueLayout.JAVA_INT, TOTAL_OUT);
        MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, into, 0, packed);
        return packed;
    }

    @Override
    public void close() {
        arena.close();
    }

    /// The two functions.
    private record Library(MethodHandle init, MethodHandle deflate) {

        static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
                Linker linker = Linker.nativeLinker();
                return new Library(
                        linker.downcallHandle(
                                symbols.findOrThrow("isal_deflate_stateless_init"),
                                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)),
                        linker.downcallHandle(
                                symbols.findOrThrow("isal_deflate_stateless"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)));
            } catch (IllegalArgumentException | java.util.NoSuchElementException missing) {
                return null;
            }
        }

        void init(MemorySegment stream) {
            try {
                init.invokeExact(stream);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        int deflate(MemorySegment stream) {
            try {
                return (int) deflate.invokeExact(stream);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }
    }
}
