package build.kiln.builder.layer;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/// Finds out how a blob is packed, by its first bytes: media types lie often enough.
final class Decompression {

    private static final int MAGIC_BYTES = 4;

    private Decompression() {}

    /// The tar inside. Closing it frees what unpacking took, and leaves the blob open.
    static InputStream of(InputStream blob) throws IOException {
        PushbackInputStream in = new PushbackInputStream(new KeptOpen(blob), MAGIC_BYTES);
        byte[] magic = new byte[MAGIC_BYTES];
        int count = in.readNBytes(magic, 0, MAGIC_BYTES);
        in.unread(magic, 0, count);
        if (count >= 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
            return new GzipInput(in);
        }
        boolean zstdFrame = count == MAGIC_BYTES
                && magic[1] == (byte) 0xb5
                && magic[2] == 0x2f
                && magic[3] == (byte) 0xfd
                && magic[0] == 0x28;
        // Skippable frames (0x184D2A50 to 5F) may come first.
        boolean skippableFrame = count == MAGIC_BYTES
                && (magic[0] & 0xf0) == 0x50
                && magic[1] == 0x2a
                && magic[2] == 0x4d
                && magic[3] == 0x18;
        return zstdFrame || skippableFrame ? new ZstdInput(new ZstdInputStream(in)) : in;
    }

    private static final class KeptOpen extends InputStream {
        private final InputStream in;

        KeptOpen(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, length);
        }
    }

    /// Tells damage of the stream from failures of the source.
    private static final class ZstdInput extends InputStream {
        private final ZstdInputStream in;

        ZstdInput(ZstdInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
            } catch (ZstdIOException e) {
                throw new InvalidLayer("The zstd stream is damaged: " + e.getMessage() + ".", e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
