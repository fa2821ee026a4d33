package build.kiln.builder.layer;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.util.ZstdVersion;

/// Zstandard: every block a frame of its own, which any reader takes for one stream.
final class ZstdCodec implements BlockCodec {

    private static final int BLOCK = 4 << 20;
    private static final int LEVEL = 3;

    @Override
    public String recipe() {
        return "zstd-" + ZstdVersion.VERSION + "-" + LEVEL + "-" + BLOCK;
    }

    @Override
    public Compression compression() {
        return Compression.ZSTD;
    }

    @Override
    public int blockBytes() {
        return BLOCK;
    }

    @Override
    public int maxPackedBytes() {
        return (int) Zstd.compressBound(BLOCK);
    }

    @Override
    public int maxThreads() {
        return 4;
    }

    @Override
    public byte[] head() {
        return new byte[0];
    }

    @Override
    public byte[] tail(long crc32, long tarBytes) {
        return new byte[0];
    }

    @Override
    public Packer open() {
        ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false);
        return new Packer() {
            @Override
            public int pack(byte[] block, int length, byte[] into) {
                return context.compressByteArray(into, 0, into.length, block, 0, length);
            }

            @Override
            public void close() {
                context.close();
            }
        };
    }
}
