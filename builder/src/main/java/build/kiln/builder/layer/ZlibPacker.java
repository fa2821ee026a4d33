package build.kiln.builder.layer;

import java.util.zip.Deflater;

/// Deflate by the JDK's zlib: everywhere there, and several times slower than ISA-L.
final class ZlibPacker implements BlockCodec.Packer {

    private static final int LEVEL = 4;

    static final String NAME = "zlib" + LEVEL;

    private final Deflater deflater = new Deflater(LEVEL, true);

    @Override
    public int pack(byte[] block, int length, byte[] into) {
        deflater.reset();
        deflater.setInput(block, 0, length);
        int packed = 0;
        while (true) {
            int part = deflater.deflate(into, packed, into.length - packed, Deflater.FULL_FLUSH);
            packed += part;
            if (packed < into.length && deflater.needsInput()) {
                return packed;
            }
            if (part == 0) {
                throw new IllegalStateException("a block of " + length + " bytes became more than " + into.length);
            }
        }
    }

    @Override
    public void close() {
        deflater.end();
    }
}
