package build.kiln.builder.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// SHA-256 at full speed from the first byte: by libcrypto where the machine has it, else by the JDK.
///
/// The JDK's own is nearly as fast once the optimising compiler has seen it, several times slower before, and
/// eleven
/// times slower in a JVM that starts fast by doing without that compiler.
public final class Sha256 extends MessageDigest {

    private static final int LENGTH = 32;

    /// The longest piece for one native call: until it returns, the garbage collector waits.
    private static final int PIECE = 64 << 10;

    private final Library library;
    private final MemorySegment context;
    private final byte[] single = new byte[1];

    private Sha256(Library library) {
        super("SHA-256");
        this.library = library;
        this.context = library.makeContext();
        engineReset();
    }

    /// A fresh, empty hash. Not for use by two threads at once.
    public static MessageDigest newHash() {
        Library found = Library.INSTANCE;
        if (found != null) {
            return new Sha256(found);
        }
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    protected int engineGetDigestLength() {
        return LENGTH;
    }

    @Override
    protected void engineReset() {
        library.init(context);
    }

    @Override
    protected void engineUpdate(byte input) {
        single[0] = input;
        engineUpdate(single, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        MemorySegment bytes = MemorySegment.ofArray(input);
        for (int done = 0; done < length; done += PIECE) {
            int part = Math.min(PIECE, length - done);
            library.update(context, bytes.asSlice(offset + done, part), part);
        }
    }

    @Override
    protected byte[] engineDigest() {
        byte[] digest = new byte[LENGTH];
        library.finish(context, MemorySegment.ofArray(digest));
        engineReset();
        return digest;
    }

    private record Library(
            MemorySegment algorithm,
            MethodHandle newContext,
            MethodHandle freeContext,
            MethodHandle init,
            MethodHandle update,
            MethodHandle finish) {

        static final @Nullable Library INSTANCE = load();

        private static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global());
                ValueLayout pointer = ValueLayout.ADDRESS;
                ValueLayout number = ValueLayout.JAVA_INT;
                MethodHandle fetch = bind(symbols, "EVP_MD_fetch", pointer, pointer, pointer, pointer);
                MemorySegment algorithm;
                try (Arena arena = Arena.ofConfined()) {
                    algorithm = (MemorySegment)
                            fetch.invokeExact(MemorySegment.NULL, arena.allocateFrom("SHA256"), MemorySegment.NULL);
                }
                if (algorithm.equals(MemorySegment.NULL)) {
                    return null;
                }
                return new Library(
                        algorithm,
                        bind(symbols, "EVP_MD_CTX_new", pointer),
                        Linker.nativeLinker()
                                .downcallHandle(
                                        symbols.findOrThrow("EVP_MD_CTX_free"), FunctionDescriptor.ofVoid(pointer)),
                        bind(symbols, "EVP_DigestInit_ex", number, pointer, pointer, pointer),
                        onHeap(symbols, "EVP_DigestUpdate", number, pointer, pointer, ValueLayout.JAVA_LONG),
                        onHeap(symbols, "EVP_DigestFinal_ex", number, pointer, pointer, pointer));
            } catch (IllegalArgumentException | NoSuchElementException missing) {
                return null;
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        private static MethodHandle bind(SymbolLookup symbols, String name, ValueLayout result, ValueLayout... of) {
            return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.of(result, of));
        }

        /// A function that may be given arrays of the Java heap.
        private static MethodHandle onHeap(SymbolLookup symbols, String name, ValueLayout result, ValueLayout... of) {
            return Linker.nativeLinker()
                    .downcallHandle(
                            symbols.findOrThrow(name), FunctionDescriptor.of(result, of), Linker.Option.critical(true));
        }

        /// Freed when nobody refers to it any more.
        MemorySegment makeContext() {
            try {
                MemorySegment made = (MemorySegment) newContext.invokeExact();
                return made.reinterpret(Arena.ofAuto(), this::free);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        private void free(MemorySegment context) {
            try {
                freeContext.invokeExact(context);
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        void init(MemorySegment context) {
            try {
                check((int) init.invokeExact(context, algorithm, MemorySegment.NULL));
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        void update(MemorySegment context, MemorySegment bytes, long length) {
            try {
                check((int) update.invokeExact(context, bytes, length));
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        void finish(MemorySegment context, MemorySegment into) {
            try {
                check((int) finish.invokeExact(context, into, MemorySegment.NULL));
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }

        private static void check(int result) {
            if (result != 1) {
                throw new IllegalStateException("libcrypto answered " + result);
            }
        }
    }
}
