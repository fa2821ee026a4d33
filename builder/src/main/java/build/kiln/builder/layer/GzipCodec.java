package build.kiln.builder.layer;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.function.Supplier;

/// One gzip member whose deflate blocks were made apart: each block of the tar ends at a byte boundary and
/// looks back at
/// nothing before it.
///
/// A block that does not get smaller is stored: trying costs more than it saves, and most of what is in an
/// image and does
/// not compress (archives, pictures) comes in long runs.
final class GzipCodec implements BlockCodec {

    private static final int BLOCK = 1 << 20;
    private static final int STORED_MAX = 0xffff;
    private static final int STORED_HEADER = 5;

    private static final int PROBES = 4;
    private static final int PROBE_BYTES = 4 << 10;

    private final String name;
    private final int maxThreads;
    private final Supplier<Packer> deflater;
    private final String recipe;

    /// @param name of the deflater with its level
    /// @param deflater makes packers whose blocks end at a byte boundary, without a final bit
    GzipCodec(String name, int maxThreads, Supplier<Packer> deflater) {
        this.name = name;
        this.maxThreads = maxThreads;
        this.deflater = deflater;
        this.recipe = "gzip-" + name + "-" + BLOCK + "-" + fingerprint();
    }

    /// A deflater's version and, with some, the processor's abilities decide on its output. So the recipe
    /// names not what
    /// it is called but what it does to a sample.
    private String fingerprint() {
        byte[] sample = sample();
        byte[] packed = new byte[maxPackedBytes()];
        try (Packer packer = deflater.get()) {
            int length = packer.pack(sample, sample.length, packed);
            MessageDigest hash = Sha256.newHash();
            hash.update(packed, 0, length);
            return Digest.finish(hash).hex().substring(0, 12);
        }
    }

    /// 64 KiB that look like program text: words that recur at all distances, numbers in between.
    static byte[] sample() {
        byte[] sample = new byte[64 << 10];
        int state = 12345;
        int at = 0;
        while (at < sample.length) {
            state = state * 1103515245 + 12345;
            int word = (state >>> 16) % 97;
            for (int i = 0; i <= word % 11 && at < sample.length; i++) {
                sample[at++] = (byte) ('a' + (word * 7 + i * i) % 26);
            }
            if (at < sample.length) {
                sample[at++] = (byte) (state >>> 24 & 0x3f | 0x20);
            }
        }
        return sample;
    }

    @Override
    public String recipe() {
        return recipe;
    }

    @Override
    public Compression compression() {
        return Compression.GZIP;
    }

    @Override
    public int blockBytes() {
        return BLOCK;
    }

    @Override
    public int maxPackedBytes() {
        return BLOCK + BLOCK / 8 + 1024;
    }

    @Override
    public int maxThreads() {
        return maxThreads;
    }

    @Override
    public byte[] head() {
        return new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    }

    @Override
    public byte[] tail(long crc32, long tarBytes) {
        // The empty final block, then what RFC 1952 ends a member with.
        return ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 3)
                .put((byte) 0)
                .putInt((int) crc32)
                .putInt((int) tarBytes)
                .array();
    }

    @Override
    public Packer open() {
        Packer packer = deflater.get();
        return new Packer() {
            private final byte[] probe = new byte[PROBES * PROBE_BYTES];

            @Override
            public int pack(byte[] block, int length, byte[] into) {
                if (!looksCompressible(packer, probe, block, length, into)) {
                    return store(block, length, into);
                }
                int packed = packer.pack(block, length, into);
                return packed < storedBytes(length) ? packed : store(block, length, into);
            }

            @Override
            public void close() {
                packer.close();
            }
        };
    }

    /// Tries a few small pieces of a large block; true unless they save less than a fiftieth.
    private static boolean looksCompressible(Packer packer, byte[] probe, byte[] block, int length, byte[] scratch) {
        if (length < 4 * probe.length) {
            return true;
        }
        int step = (length - PROBE_BYTES) / (PROBES - 1);
        for (int i = 0; i < PROBES; i++) {
            System.arraycopy(block, i * step, probe, i * PROBE_BYTES, PROBE_BYTES);
        }
        int packed = packer.pack(probe, probe.length, scratch);
        return packed < probe.length - probe.length / 50;
    }

    private static int storedBytes(int length) {
        return length + (length + STORED_MAX - 1) / STORED_MAX * STORED_HEADER;
    }

    private static int store(byte[] block, int length, byte[] into) {
        int at = 0;
        for (int start = 0; start < length; start += STORED_MAX) {
            int size = Math.min(STORED_MAX, length - start);
            into[at] = 0;
            into[at + 1] = (byte) size;
            into[at + 2] = (byte) (size >>> 8);
            into[at + 3] = (byte) ~size;
            into[at + 4] = (byte) (~size >>> 8);
            System.arraycopy(block, start, into, at + STORED_HEADER, size);
            at += STORED_HEADER + size;
        }
        return at;
    }

    @Override
    public String toString() {
        return name;
    }
}
