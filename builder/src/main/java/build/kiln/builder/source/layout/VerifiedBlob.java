package build.kiln.builder.source.layout;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Function;

/// The bytes of a file that has to be a certain blob. Hands out the last byte only if all of them were the blob's.
final class VerifiedBlob extends InputStream {

    private final InputStream file;
    private final Descriptor blob;
    private final Function<String, RuntimeException> damaged;
    private final MessageDigest hash;
    private long offset;
    private boolean verified;

    /// @param damaged makes the failure from what was seen
    VerifiedBlob(InputStream file, Descriptor blob, Function<String, RuntimeException> damaged) {
        this.file = file;
        this.blob = blob;
        this.damaged = damaged;
        this.hash = blob.digest().newHash();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws build.kiln.builder.failure.SourceFailure `SourceCorrupt` if the bytes are not the blob's
    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        long left = blob.sizeBytes() - offset;
        int count = left == 0 ? -1 : file.read(into, from, (int) Math.min(length, left));
        if (count < 0 && left > 0) {
            throw damaged.apply("it ends after " + offset + " of " + blob.sizeBytes() + " bytes");
        }
        if (count > 0) {
            hash.update(into, from, count);
            offset += count;
        }
        if (offset == blob.sizeBytes() && !verified) {
            verify();
        }
        return count;
    }

    private void verify() {
        verified = true;
        Digest seen = new Digest(blob.digest().algorithm(), HexFormat.of().formatHex(hash.digest()));
        if (!seen.equals(blob.digest())) {
            throw damaged.apply("its bytes have the digest " + seen);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
