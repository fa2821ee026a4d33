package build.kiln.builder.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.NoSuchElementException;
import java.util.Objects;
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

    /// Up to here pieces are copied for the call: what that takes is less than what it takes to bind, once, the
    /// function
    /// that reads the Java heap.
    private static final long FEW = 16 << 20;

    private final Library library;
    private final MemorySegment context;
    private final byte[] single = new byte[1];
    private long hashed;

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
        hashed = 0;
        library.init(context);
        Reference.reachabilityFence(this); // or the context could be freed while it is used
    }

    @Override
    protected void engineUpdate(byte input) {
        single[0] = input;
        engineUpdate(single, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            int part = Math.min(PIECE, length - done);
            if (hashed < FEW) {
                library.copyAndUpdate(context, input, offset + done, part);
                hashed += part;
            } else {
                HeapUpdate.update(context, MemorySegment.ofArray(input).asSlice(offset + done, part));
            }
        }
        Reference.reachabilityFence(this);
    }

    @Override
    protected byte[] engineDigest() {
        byte[] digest = library.finish(context);
        engineReset();
        return digest;
    }

    private static void check(long result) {
        if ((int) result != 1) {
            throw new IllegalStateException("libcrypto answered " + result);
        }
    }

    private record Library(
            SymbolLookup symbols,
            long algorithm,
            NativeFunction newContext,
            NativeFunction freeContext,
            NativeFunction init,
            NativeFunction update,
            NativeFunction finish) {

        static final @Nullable Library INSTANCE = load();

        private static @Nullable Library load() {
            try {
                SymbolLookup symbols = SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global());
                Kernel kernel = Kernel.get();
                byte[] name = "SHA256\0".getBytes(StandardCharsets.US_ASCII);
                kernel.buffer().put(0, name, 0, name.length);
                long algorithm = NativeFunction.of(symbols, "EVP_MD_fetch")
                        .call(0, kernel.buffer().address(), 0);
                if (algorithm == 0) {
                    return null;
                }
                return new Library(
                        symbols,
                        algorithm,
                        NativeFunction.of(symbols, "EVP_MD_CTX_new"),
                        NativeFunction.of(symbols, "EVP_MD_CTX_free"),
                        NativeFunction.of(symbols, "EVP_DigestInit_ex"),
                        NativeFunction.of(symbols, "EVP_DigestUpdate"),
                        NativeFunction.of(symbols, "EVP_DigestFinal_ex"));
            } catch (IllegalArgumentException | NoSuchElementException missing) {
                return null;
            }
        }

        /// Freed when nobody refers to it any more.
        MemorySegment makeContext() {
            long made = newContext.call();
            return MemorySegment.ofAddress(made)
                    .reinterpret(Arena.ofAuto(), context -> freeContext.call(context.address()));
        }

        void init(MemorySegment context) {
            check(init.call(context.address(), algorithm, 0));
        }

        void copyAndUpdate(MemorySegment context, byte[] input, int offset, int length) {
            NativeMemory copy = Kernel.get().buffer();
            copy.put(0, input, offset, length);
            check(update.call(context.address(), copy.address(), length));
        }

        byte[] finish(MemorySegment context) {
            NativeMemory into = Kernel.get().struct();
            check(finish.call(context.address(), into.address(), 0));
            return into.first(LENGTH);
        }
    }

    /// Reads what it hashes where it lies, on the Java heap.
    private static final class HeapUpdate {

        private static final MethodHandle UPDATE = Linker.nativeLinker()
                .downcallHandle(
                        Objects.requireNonNull(Library.INSTANCE).symbols().findOrThrow("EVP_DigestUpdate"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
                        Linker.Option.critical(true));

        static void update(MemorySegment context, MemorySegment bytes) {
            try {
                check((int) UPDATE.invokeExact(context, bytes, bytes.byteSize()));
            } catch (Throwable thrown) {
                throw new IllegalStateException(thrown);
            }
        }
    }
}
