package build.kiln.builder.linux;

import java.lang.foreign.Arena;
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
    public static NativeMemory allocate(Arena arena, long sizeBytes) {
        return new NativeMemory(arena.allocate(sizeBytes, 16));
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
