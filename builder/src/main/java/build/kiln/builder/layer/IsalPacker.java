package build.kiln.builder.layer;

import build.kiln.builder.linux.NativeFunction;
import build.kiln.builder.linux.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.NoSuchElementException;
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

    private static final int NEXT_IN = 0;
    private static final int AVAIL_IN = 8;
    private static final int NEXT_OUT = 16;
    private static final int AVAIL_OUT = 24;
    private static final int TOTAL_OUT = 28;
    private static final int LEVEL_AT = 40;
    private static final int LEVEL_BUFFER_SIZE = 44;
    private static final int LEVEL_BUFFER = 48;
    private static final int END_OF_STREAM = 56;
    private static final int FLUSH = 58;

    private final Library library;
    private final Arena arena = Arena.ofConfined();
    private final NativeMemory stream = NativeMemory.allocate(arena, STREAM_BYTES);
    private final NativeMemory levelBuffer = NativeMemory.allocate(arena, LEVEL_BUFFER_BYTES);
    private NativeMemory in = NativeMemory.allocate(arena, 0);
    private NativeMemory out = in;

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
        if (in.sizeBytes() < length) {
            in = NativeMemory.allocate(arena, length);
        }
        if (out.sizeBytes() < into.length) {
            out = NativeMemory.allocate(arena, into.length);
        }
        in.put(0, block, 0, length);
        library.init().call(stream.address());
        stream.putLong(NEXT_IN, in.address());
        stream.putInt(AVAIL_IN, length);
        stream.putLong(NEXT_OUT, out.address());
        stream.putInt(AVAIL_OUT, into.length);
        stream.putInt(LEVEL_AT, LEVEL);
        stream.putInt(LEVEL_BUFFER_SIZE, (int) LEVEL_BUFFER_BYTES);
        stream.putLong(LEVEL_BUFFER, levelBuffer.address());
        stream.putShort(END_OF_STREAM, (short) 0);
        stream.putShort(FLUSH, (short) FULL_FLUSH);
        int result = (int) library.deflate().call(stream.address());
        if (result != 0 || stream.getInt(AVAIL_IN) != 0) {
            throw new IllegalStateException("isal_deflate_stateless answered " + result);
        }
        int packed = stream.getInt(TOTAL_OUT);
        out.get(0, into, 0, packed);
        return packed;
    }

    @Override
    public void close() {
        arena.close();
    }

    /// The two functions.
    private record Library(NativeFunction init, NativeFunction deflate) {

        static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
                return new Library(
                        NativeFunction.of(symbols, "isal_deflate_stateless_init"),
                        NativeFunction.of(symbols, "isal_deflate_stateless"));
            } catch (IllegalArgumentException | NoSuchElementException missing) {
                return null;
            }
        }
    }
}
