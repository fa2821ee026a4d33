package build.kiln.builder.execute;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A blob of the cache volume that the disk does not give back. Not to be taken for a volume that cannot be written.
final class UnreadableBlob extends IOException {

    private static final long serialVersionUID = 1L;

    private UnreadableBlob(IOException cause) {
        super(cause.getMessage(), cause);
    }

    /// The bytes of the file; whatever goes wrong with reading them is an [UnreadableBlob].
    static InputStream open(Path file) throws UnreadableBlob {
        try {
            return new Reader(Files.newInputStream(file));
        } catch (IOException e) {
            throw new UnreadableBlob(e);
        }
    }

    private static final class Reader extends FilterInputStream {

        Reader(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                throw new UnreadableBlob(e);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (IOException e) {
                throw new UnreadableBlob(e);
            }
        }
    }
}
