package build.kiln.builder.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A piece of native memory, read and written by way of a buffer: the handles of a [MemorySegment]'s own accessors are
/// spun at run time, which a start pays for.
public final class NativeMemory {

    private final MemorySegment segment;
    private final ByteBuffer bytes;

    private NativeMemory(MemorySegment segment) {
        this.segment = segment;
        this.bytes = segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /// Zeros, aligned for every type; freed with the arena.
    ///
    /// From the C library, which has pages that are zero already. An arena writes its zeros word by word, at first
    /// interpreted.
    public static NativeMemory allocate(Arena arena, long sizeBytes) {
        long address = Allocation.CALLOC.call(1, Math.max(1, sizeBytes), 0);
        if (address == 0) {
            throw new OutOfMemoryError("There is no native memory for " + sizeBytes + " bytes.");
        }
        return new NativeMemory(MemorySegment.ofAddress(address)
                .reinterpret(sizeBytes, arena, made -> Allocation.FREE.call(made.address())));
    }

    /// Zeros, aligned for every type; freed when nobody refers to them any more.
    static NativeMemory allocate(int sizeBytes) {
        return new NativeMemory(MemorySegment.ofBuffer(ByteBuffer.allocateDirect(sizeBytes)));
    }

    /// A part of it.
    NativeMemory slice(int at, int sizeBytes) {
        return new NativeMemory(segment.asSlice(at, sizeBytes));
    }

    private static final class Allocation {
        static final NativeFunction CALLOC =
                NativeFunction.of(Linker.nativeLinker().defaultLookup(), "calloc");
        static final NativeFunction FREE =
                NativeFunction.of(Linker.nativeLinker().defaultLookup(), "free");
    }

    MemorySegment segment() {
        return segment;
    }

    public long address() {
        return segment.address();
    }

    public int sizeBytes() {
        return bytes.capacity();
    }

    short getShort(int at) {
        return bytes.getShort(at);
    }

    public int getInt(int at) {
        return bytes.getInt(at);
    }

    long getLong(int at) {
        return bytes.getLong(at);
    }

    void putByte(int at, byte value) {
        bytes.put(at, value);
    }

    public void putShort(int at, short value) {
        bytes.putShort(at, value);
    }

    public void putInt(int at, int value) {
        bytes.putInt(at, value);
    }

    public void putLong(int at, long value) {
        bytes.putLong(at, value);
    }

    public void put(int at, byte[] from, int offset, int length) {
        bytes.put(at, from, offset, length);
    }

    public void get(int at, byte[] into, int offset, int length) {
        bytes.get(at, into, offset, length);
    }

    /// A copy of the first bytes.
    byte[] first(int length) {
        byte[] copy = new byte[length];
        bytes.get(0, copy);
        return copy;
    }

    NativeMemory clear() {
        segment.fill((byte) 0);
        return this;
    }
}
