package build.kiln.builder.cache;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/// Reads a blob to see whether it is what its name says.
public final class BlobCheck {

    private BlobCheck() {}

    /// Whether the file has this digest.
    ///
    /// @throws IOException if it cannot be read
    public static boolean isIntact(Path file, Digest digest) throws IOException {
        MessageDigest hash = digest.algorithm().equals("sha256") ? Sha256.newHash() : digest.newHash();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(hash.digest()).equals(digest.hex());
    }
}
