package build.kiln.builder.execute;

import build.kiln.builder.oci.Descriptor;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/// A layer's blob while it is written to the cache volume. Who follows reads what has been written so far, and waits
/// for
/// what is still to come; its writer waits for nobody.
public final class BlobBeingMade {

    private final GrowingFile file;
    private volatile @Nullable Descriptor descriptor;

    BlobBeingMade(Path file) {
        this.file = new GrowingFile(file);
    }

    /// Makes the file; what is written goes there.
    static OutputStream output(Path path, BlobBeingMade blob) throws IOException {
        return new FilterOutputStream(Files.newOutputStream(path)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                blob.file.grew(length);
            }

            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }
        };
    }

    /// Says that the blob is whole.
    void completed(Descriptor whole) {
        descriptor = whole;
        file.completed(() -> {});
    }

    /// Says that there will be no blob, if it is not whole yet.
    void end() {
        if (descriptor == null) {
            file.failed(new CancellationException("the layer was not finished"));
        }
    }

    /// The blob's bytes from the first on. To be opened before it is whole.
    InputStream follow() throws IOException {
        return file.follow().orElseThrow();
    }

    /// Waits until so many bytes have been written.
    ///
    /// @return false if the whole blob is no larger
    /// @throws CancellationException if there will be no blob
    boolean isLargerThan(long bytes) throws IOException {
        return file.await(bytes) > bytes;
    }

    /// What it is called; empty while it is not whole.
    Optional<Descriptor> descriptor() {
        return Optional.ofNullable(descriptor);
    }
}
