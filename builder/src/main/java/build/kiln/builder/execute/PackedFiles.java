package build.kiln.builder.execute;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// Tells tars from other files, and unpacks gzip, bzip2, xz and zstd: by the content, whatever a file is called.
final class PackedFiles {

    private static final int HEADER = 512;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_LENGTH = 8;

    /// Twice what `xz -9` asks for. The archive itself says how much it takes, and could say any number.
    static final int XZ_MEMORY_KIB = 128 << 10;

    private PackedFiles() {}

    /// What is in the stream, unpacked if it is packed. Closing it closes `packed`.
    static InputStream open(InputStream packed) throws IOException {
        BufferedInputStream in = new BufferedInputStream(packed, 1 << 16);
        try {
            in.mark(8);
            byte[] magic = in.readNBytes(6);
            in.reset();
            if (startsWith(magic, 0x1f, 0x8b)) {
                return new GZIPInputStream(in, 1 << 16);
            }
            if (startsWith(magic, 'B', 'Z', 'h')) {
                return new BZip2CompressorInputStream(in, true);
            }
            if (startsWith(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
                return new XZCompressorInputStream(in, true, XZ_MEMORY_KIB);
            }
            if (startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
                return new ZstdInputStream(in);
            }
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /// Whether a stream of [#open] is a tar. Reads its first header.
    ///
    /// @throws IOException also if what looks packed cannot be unpacked
    static boolean isTar(InputStream content) throws IOException {
        byte[] header = content.readNBytes(HEADER);
        return header.length == HEADER && hasChecksum(header);
    }

    private static boolean hasChecksum(byte[] header) {
        long sum = 0;
        for (int i = 0; i < HEADER; i++) {
            boolean own = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH;
            sum += own ? ' ' : header[i] & 0xff;
        }
        String text = new String(header, CHECKSUM, CHECKSUM_LENGTH, StandardCharsets.US_ASCII);
        String octal = text.replace('\0', ' ').strip();
        return octal.matches("[0-7]{1,7}") && Long.parseLong(octal, 8) == sum;
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
