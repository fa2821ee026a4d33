package build.kiln.builder.execute;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long written;
    private boolean complete;
    private @Nullable RuntimeException failure;

    private SharedPull(Path file) {
        this.file = file;
    }

    /// Starts to pull on a thread of its own.
    ///
    /// @param file that is not there yet
    /// @param from closed at the end
    static SharedPull start(Path file, InputStream from, End end) throws IOException {
        FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
                change(count, null);
            }
            out.force(false);
        } catch (IOException e) {
            change(0, LayerStore.diskFull(file, e));
        } catch (RuntimeException e) {
            change(0, e);
        }
        if (failure == null) {
            finish(end);
        } else {
            end.failed();
        }
    }

    private void finish(End end) {
        lock.lock();
        try {
            end.complete(file);
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            complete = true;
            changed.signalAll();
            lock.unlock();
        }
    }

    private void change(int more, @Nullable RuntimeException why) {
        lock.lock();
        try {
            written += more;
            failure = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The bytes from the first on, as they come. Empty if the file is whole and has been moved.
    Optional<InputStream> reader() throws IOException {
        lock.lock();
        try {
            if (complete) {
                return Optional.empty();
            }
            if (failure != null) {
                throw failure;
            }
            return Optional.of(new Reader(FileChannel.open(file)));
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is more than `position`.
    ///
    /// @return how many bytes there are; `position` at the end
    private long await(long position) throws IOException {
        lock.lock();
        try {
            while (written == position && !complete && failure == null) {
                changed.await();
            }
            if (failure != null) {
                throw failure;
            }
            return written;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while a layer came");
        } finally {
            lock.unlock();
        }
    }

    private final class Reader extends InputStream {

        private final FileChannel in;
        private long position;

        Reader(FileChannel in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            long there = await(position);
            if (there == position) {
                return -1;
            }
            int most = (int) Math.min(length, there - position);
            int count = in.read(ByteBuffer.wrap(into, offset, most), position);
            position += Math.max(count, 0);
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
