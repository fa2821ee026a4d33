package build.kiln.builder.source;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Reads one file after the other and computes its digest. Not for use by two threads at once.
final class ContentHash implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16; // as much as one system call gives

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final MessageDigest hash = Sha256.newHash();
    private @Nullable Path root;
    private @Nullable Directory opened;

    /// The digest of a file's content, and its attributes while it is open.
    FileDigests.Read of(ContextFile file) throws IOException {
        if (file.sizeBytes() == 0) {
            return new FileDigests.Read(new ContentDigest(hash.digest()), ExtendedAttributes.of(file));
        }
        try (FileContentStream content = FileContentStream.open(rootOf(file), file)) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                hash.update(buffer, 0, n);
            }
            return new FileDigests.Read(new ContentDigest(hash.digest()), content.attributes());
        }
    }

    /// Opened once for files of one context.
    private Directory rootOf(ContextFile file) throws IOException {
        Directory directory = opened;
        if (directory == null || !file.root().equals(root)) {
            close();
            directory = Directory.open(file.root());
            opened = directory;
            root = file.root();
        }
        return directory;
    }

    @Override
    public void close() throws IOException {
        Directory directory = opened;
        if (directory != null) {
            opened = null;
            directory.close();
        }
    }
}
