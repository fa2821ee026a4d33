package build.kiln.builder.registry;

import java.io.IOException;
import java.io.InputStream;

/// A blob's bytes, which can be read from the start as often as a push needs them.
@FunctionalInterface
public interface BlobSource {
    /// A fresh stream from the first byte on; the reader closes it.
    InputStream open() throws IOException;
}
