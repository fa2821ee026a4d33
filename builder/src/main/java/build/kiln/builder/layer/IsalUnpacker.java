package build.kiln.builder.layer;

import build.kiln.builder.linux.NativeFunction;
import build.kiln.builder.linux.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Inflate by ISA-L (`libisal.so.2`).
final class IsalUnpacker implements Unpacker {

    /// `sizeof(struct inflate_state)` is 87,368 in 2.30; room for what later ones add to its end.
    private static final long STATE_BYTES = 256 << 10;

    private static final int IN_BYTES = 64 << 10;
    private static final int OUT_BYTES = 256 << 10;

    private static final int NEXT_OUT = 0;
    private static final int AVAIL_OUT = 8;
    private static final int NEXT_IN = 16;
    private static final int AVAIL_IN = 32;
    private static final int READ_BITS = 36;
    private static final int BLOCK_STATE = 21_160;

    /// `ISAL_BLOCK_FINISH`.
    private static final int FINISHED = 5;

    private final Library library;
    private final Arena arena = Arena.ofConfined();
    private final NativeMemory state = NativeMemory.allocate(arena, STATE_BYTES);
    private final NativeMemory in = NativeMemory.allocate(arena, IN_BYTES);
    private final NativeMemory out = NativeMemory.allocate(arena, OUT_BYTES);
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
        library.init().call(state.address());
        state.putInt(AVAIL_IN, 0);
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
            if (state.getInt(AVAIL_IN) == 0) {
                int part = Math.min(end - at, IN_BYTES);
                in.put(0, input, at, part);
                state.putLong(NEXT_IN, in.address());
                state.putInt(AVAIL_IN, part);
                at += part;
            }
            state.putLong(NEXT_OUT, out.address());
            state.putInt(AVAIL_OUT, most);
            check((int) library.inflate().call(state.address()));
            int count = most - state.getInt(AVAIL_OUT);
            if (count > 0) {
                out.get(0, into, offset, count);
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
        return state.getInt(BLOCK_STATE) == FINISHED;
    }

    @Override
    public int remaining() {
        // It reads ahead, and keeps what it has read.
        return end - at + state.getInt(AVAIL_IN) + state.getInt(READ_BITS) / 8;
    }

    @Override
    public void close() {
        arena.close();
    }

    /// The two functions.
    private record Library(NativeFunction init, NativeFunction inflate) {

        static final @Nullable Library INSTANCE = load();

        private static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
                Library found = new Library(
                        NativeFunction.of(symbols, "isal_inflate_init"), NativeFunction.of(symbols, "isal_inflate"));
                return isKnown(found) ? found : null;
            } catch (IllegalArgumentException | NoSuchElementException missing) {
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
    }
}
