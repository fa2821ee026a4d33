package build.kiln.builder.source;

import build.kiln.builder.linux.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// Reads one file after the other and computes its digest. Not for use by two threads at once.
final class ContentHash {

    private static final int BUFFER_BYTES = 1 << 16; // as much as one system call gives

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final MessageDigest hash = Sha256.newHash();

    ContentDigest of(ContextFile file) throws IOException {
        try (InputStream content = file.open()) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        return new ContentDigest(hash.digest());
    }
}
