package build.kiln.builder.layer;

import java.nio.charset.StandardCharsets;

/// The names by which a layer's tar says that something is gone.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts">image-spec 1.1.1,
/// Whiteouts</a>
final class Whiteouts {

    private static final byte[] PREFIX = ".wh.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OPAQUE = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESERVED = ".wh..wh.".getBytes(StandardCharsets.US_ASCII);

    private Whiteouts() {}

    static byte[] whiteout(LayerPath gone) {
        byte[] name = gone.name();
        byte[] marker = java.util.Arrays.copyOf(PREFIX, PREFIX.length + name.length);
        System.arraycopy(name, 0, marker, PREFIX.length, name.length);
        return gone.parent().child(marker).shared();
    }

    static byte[] opaque(LayerPath directory) {
        return directory.child(OPAQUE).shared();
    }

    static boolean isOpaque(byte[] name) {
        return java.util.Arrays.equals(name, OPAQUE);
    }

    /// Names that other builders' tools used for their own bookkeeping.
    static boolean isReserved(byte[] name) {
        return startsWith(name, RESERVED);
    }

    static boolean isWhiteout(byte[] name) {
        return startsWith(name, PREFIX);
    }

    /// What a whiteout of this name hides.
    static byte[] hidden(byte[] name) {
        return java.util.Arrays.copyOfRange(name, PREFIX.length, name.length);
    }

    private static boolean startsWith(byte[] name, byte[] prefix) {
        return name.length >= prefix.length
                && java.util.Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
    }
}
