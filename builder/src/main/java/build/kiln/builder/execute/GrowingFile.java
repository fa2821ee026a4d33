package build.kiln.builder.execute;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A file that one thread writes while any number of readers follow, each at a pace of its own.
///
/// Nothing is held in memory, and nobody waits for a reader: what a slow one has not read yet lies in the file.
final class GrowingFile {

    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long written;
    private boolean complete;
    private @Nullable RuntimeException failure;

    /// @param file as it is called until it is complete; it may be renamed afterwards
    GrowingFile(Path file) {
        this.file = file;
    }

    /// Says that so many bytes have been written at its end.
    void grew(int bytes) {
        change(() -> written += bytes);
    }

    /// Says that there will be no more of it, when this is done: the file may be moved by it.
    ///
    /// @throws RuntimeException that of `handOver`; the file counts as failed then
    void completed(Runnable handOver) {
        change(() -> {
            try {
                handOver.run();
                complete = true;
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        });
    }

    /// Says that there will be no more of it, and that what there is, is worth nothing. Readers throw `why`.
    void failed(RuntimeException why) {
        change(() -> failure = why);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            changed.signalAll();
            lock.unlock();
        }
    }

    /// Waits until there are more bytes than `position`, or no more will come.
    ///
    /// @return how many bytes there are; no more than `position` at the end
    /// @throws RuntimeException that of [#failed]
    long await(long position) throws IOException {
        lock.lock();
        try {
            while (written <= position && !complete && failure == null) {
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

    /// The bytes from the first on, as they come; also if the file is moved meanwhile. Empty if it is complete, and so
    /// may have been moved before.
    ///
    /// @throws RuntimeException that of [#failed]
    Optional<InputStream> follow() throws IOException {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
            return complete ? Optional.empty() : Optional.of(new Follower(FileChannel.open(file)));
        } finally {
            lock.unlock();
        }
    }

    private final class Follower extends InputStream {

        private final FileChannel in;
        private long position;

        Follower(FileChannel in) {
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
            if (there <= position) {
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
