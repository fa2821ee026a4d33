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

/// Inflate by ISA-L (`libisal.so.2`).
final class IsalUnpacker implements Unpacker {

    /// `sizeof(struct inflate_state)` is 87,368 in 2.30; room for what later ones add to its end.
    private static final long STATE_BYTES = 256 << 10;

    private static final int IN_BYTES = 64 << 10;
    private static final int OUT_BYTES = 256 << 10;

    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long AVAIL_IN = 32;
    private static final long READ_BITS = 36;
    private static final long BLOCK_STATE = 21_160;

    /// `ISAL_BLOCK_FINISH`.
    private static final int FINISHED = 5;

    private final Library library;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment state = arena.allocate(STATE_BYTES, 64);
    private final MemorySegment in = arena.allocate(IN_BYTES, 64);
    private final MemorySegment out = arena.allocate(OUT_BYTES, 64);
    private byte[] input = new byte[0];
    private int at;
    private int end;

    private IsalUnpacker(Library library) {
        this.library = library;
        reset();
    }

    /// Makes unpackers if the library is on this machine, and is one that this class knows.
    static Optional<Supplier<Unpacker>> find() {
        Library found = Library.INSTANCE;
        return found == null ? Optional.empty() : Optional.of(() -> new IsalUnpacker(found));
    }

    @Override
    public void reset() {
        library.init(state);
        state.set(ValueLayout.JAVA_INT, AVAIL_IN, 0);
        at = 0;
        end = 0;
    }

    @Override
    public void input(byte[] buffer, int start, int length) {
        input = buffer;
        at = start;
        end = start + length;
    }

    @Override
    public int unpack(byte[] into, int offset, int length) throws InvalidLayer {
        int most = Math.min(length, OUT_BYTES);
        while (true) {
            if (state.get(ValueLayout.JAVA_INT, AVAIL_IN) == 0) {
                int part = Math.min(end - at, IN_BYTES);
                MemorySegment.copy(input, at, in, ValueLayout.JAVA_BYTE, 0, part);
                state.set(ValueLayout.JAVA_LONG, NEXT_IN, in.address());
                state.set(ValueLayout.JAVA_INT, AVAIL_IN, part);
                at += part;
            }
            state.set(ValueLayout.JAVA_LONG, NEXT_OUT, out.address());
            state.set(ValueLayout.JAVA_INT, AVAIL_OUT, most);
            check(library.inflate(state));
            int count = most - state.get(ValueLayout.JAVA_INT, AVAIL_OUT);
            if (count > 0) {
                MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, into, offset, count);
                return count;
            }
            if (isFinished() || at == end) {
                return 0;
            }
        }
    }

    private static void check(int result) throws InvalidLayer {
        if (result < 0) {
            throw new InvalidLayer("The gzip stream is damaged: "
                    + switch (result) {
                        case -1 -> "it has an invalid block";
                        case -2 -> "it has an invalid symbol";
                        case -3 -> "it looks back further than it may";
                        default -> "isal_inflate answered " + result;
                    }
                    + ".");
        }
    }

    @Override
    public boolean isFinished() {
        return state.get(ValueLayout.JAVA_INT, BLOCK_STATE) == FINISHED;
    }

    @Override
    public int remaining() {
        // It reads ahead, and keeps what it has read.
        return end - at + state.get(ValueLayout.JAVA_INT, AVAIL_IN) + state.get(ValueLayout.JAVA_INT, READ_BITS) / 8;
    }

    @Override
    public void close() {
        arena.close();
    }

    /// The two functions.
    private record Library(MethodHandle init, MethodHandle inflate) {

        static final @Nullable Library INSTANCE = load();

        private static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
                Linker linker = Linker.nativeLinker();
                Library found = new Library(
                        linker.downcallHandle(
                                symbols.findOrThrow("isal_inflate_init"),
                                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)),
                        linker.downcallHandle(
                                symbols.findOrThrow("isal_inflate"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)));
                return isKnown(found) ? found : null;
            } catch (IllegalArgumentException | java.util.NoSuchElementException missing) {
                return null;
            }
        }

        /// Whether a stream of one letter is seen to end where it ends: where the state says so is nothing that the
        /// library promises.
        private static boolean isKnown(Library library) {
            byte[] letter = {0x4b, 0x04, 0x00, 0x55};
            byte[] unpacked = new byte[2];
            try (IsalUnpacker trial = new IsalUnpacker(library)) {
                trial.input(letter, 0, 1);
                boolean tooEarly = trial.unpack(unpacked, 0, 2) != 0 || trial.isFinished();
                trial.input(letter, 1, 3);
                return !tooEarly
                        && trial.unpack(unpacked, 0, 2) == 1
                        && unpacked[0] == 'a'
                        && trial.isFinished()
                        && trial.remaining() == 1;
            } catch (InvalidLayer e) {
                return false;
            }
        }

        void init(MemorySegment state) {
            try {
                init.invokeExact(state);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        int inflate(MemorySegment state) {
            try {
                return (int) inflate.invokeExact(state);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }
    }
}
