package build.kiln.builder.source;

import build.kiln.builder.oci.Digest;
import java.util.Arrays;
import java.util.HexFormat;

/// The sha256 of a file's content, as bytes: a context of many files has as many of these, and hardly anybody needs
/// the hex of one.
public final class ContentDigest {

    public static final int BYTES = 32;

    private final byte[] bytes;

    /// @param bytes 32 of them, not to be changed any more
    public ContentDigest(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a sha256 has " + BYTES + " bytes, and not " + bytes.length);
        }
        this.bytes = bytes;
    }

    public static ContentDigest of(Digest digest) {
        return new ContentDigest(HexFormat.of().parseHex(digest.hex()));
    }

    /// Not to be changed.
    public byte[] bytes() {
        return bytes;
    }

    public Digest digest() {
        return new Digest("sha256", HexFormat.of().formatHex(bytes));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContentDigest that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return digest().toString();
    }
}
