package build.kiln.builder.execute;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A blob on its way from a registry into a file, which any number of readers follow while it comes.
final class SharedPull {

    private static final int PIECE_BYTES = 128 << 10;

    /// What becomes of the file.
    interface End {

        /// The file is whole and synced. It may be moved.
        void complete(Path file);

        /// There is no blob. Nobody reads the file any further.
        void failed();
    }

    private final Path file;
    private final GrowingFile grown;

    private SharedPull(Path file) {
        this.file = file;
        this.grown = new GrowingFile(file);
    }

    /// Starts to pull on a thread of its own.
    ///
    /// @param file that is not there yet
    /// @param from closed at the end, also if this cannot start
    static SharedPull start(Path file, InputStream from, End end) throws IOException {
        FileChannel out;
        try {
            out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            from.close();
            throw e;
        }
        SharedPull pull = new SharedPull(file);
        Thread.ofVirtual().name("shared-pull").start(() -> pull.run(from, out, end));
        return pull;
    }

    private void run(InputStream from, FileChannel out, End end) {
        try (from;
                out) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, count);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                grown.grew(count);
            }
            out.force(false);
        } catch (IOException e) {
            fail(LayerStore.diskFull(file, e), end);
            return;
        } catch (RuntimeException e) {
            fail(e, end);
            return;
        }
        try {
            grown.completed(() -> end.complete(file));
        } catch (RuntimeException e) {
            // Whoever reads the file is told.
        }
    }

    private void fail(RuntimeException why, End end) {
        grown.failed(why);
        end.failed();
    }

    /// The bytes from the first on, as they come. Empty if the file is whole and has been moved.
    Optional<InputStream> reader() throws IOException {
        return grown.follow();
    }
}
