package build.kiln.builder.layer;

/// No compression.
final class PlainCodec implements BlockCodec {

    private static final int BLOCK = 1 << 20;

    @Override
    public String recipe() {
        return "none";
    }

    @Override
    public Compression compression() {
        return Compression.NONE;
    }

    @Override
    public int blockBytes() {
        return BLOCK;
    }

    @Override
    public int maxPackedBytes() {
        return BLOCK;
    }

    @Override
    public int maxThreads() {
        return 1;
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
        return new Packer() {
            @Override
            public int pack(byte[] block, int length, byte[] into) {
                System.arraycopy(block, 0, into, 0, length);
                return length;
            }

            @Override
            public void close() {}
        };
    }
}
