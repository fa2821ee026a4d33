package build.kiln.builder.layer;

import build.kiln.builder.failure.BuildFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Unpacks on one thread and hashes on another, some blocks ahead of who reads.
final class ReadAhead extends InputStream {

    private static final int BLOCK = 256 << 10;
    private static final int BLOCKS_AHEAD = 6;

    private final BlockingQueue<Part> unpacked = new ArrayBlockingQueue<>(BLOCKS_AHEAD / 2);
    private final BlockingQueue<Part> ready = new ArrayBlockingQueue<>(BLOCKS_AHEAD / 2);
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS_AHEAD + 3);
    private final Thread unpacking;
    private final Thread hashing;
    private final MessageDigest hash;
    private Part current = new Part(new byte[0], 0, null);
    private int at;
    private long total;

    /// Some bytes; none at the end, with the failure that was the reason, if there was one.
    private record Part(byte[] bytes, int length, @Nullable Throwable failure) {}

    /// @param hash of all bytes, to be looked at after the end
    ReadAhead(InputStream blob, MessageDigest hash) {
        this.hash = hash;
        this.unpacking = Thread.ofPlatform().daemon().name("layer-unpack").start(() -> unpack(blob));
        this.hashing = Thread.ofPlatform().daemon().name("layer-hash").start(this::hash);
    }

    private void unpack(InputStream blob) {
        Part last;
        try (InputStream in = Decompression.of(blob)) {
            for (Part part = fill(in); part.length > 0; part = fill(in)) {
                unpacked.put(part);
            }
            last = new Part(new byte[0], 0, null);
        } catch (InterruptedException e) {
            return; // Nobody reads any more.
        } catch (IOException | RuntimeException | Error e) {
            last = new Part(new byte[0], 0, e);
        }
        pass(last, unpacked);
    }

    private void hash() {
        Part part;
        try {
            for (part = unpacked.take(); part.length > 0; part = unpacked.take()) {
                hash.update(part.bytes, 0, part.length);
                ready.put(part);
            }
        } catch (InterruptedException e) {
            return;
        } catch (RuntimeException | Error e) {
            part = new Part(new byte[0], 0, e);
        }
        pass(part, ready);
    }

    private static void pass(Part last, BlockingQueue<Part> to) {
        try {
            to.put(last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Part fill(InputStream in) throws IOException {
        byte[] bytes = free.poll();
        if (bytes == null) {
            bytes = new byte[BLOCK];
        }
        return new Part(bytes, in.readNBytes(bytes, 0, bytes.length), null);
    }

    /// @return false at the end
    private boolean advance() throws IOException {
        if (current.bytes.length > 0) {
            free.offer(current.bytes);
        }
        try {
            current = ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was read");
        }
        at = 0;
        if (current.length > 0) {
            return true;
        }
        ready.add(current); // For whoever asks again.
        return switch (current.failure) {
            case null -> false;
            case InvalidLayer e -> throw new InvalidLayer(String.valueOf(e.getMessage()), e);
            case IOException e -> throw e;
            case BuildFailure e -> throw e; // whoever hands out the bytes knows best what is wrong with them
            case Throwable e -> throw new IllegalStateException("the thread that unpacks a layer ended", e);
        };
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
        if (at == current.length && !advance()) {
            return -1;
        }
        int count = Math.min(length, current.length - at);
        System.arraycopy(current.bytes, at, into, offset, count);
        at += count;
        total += count;
        return count;
    }

    /// @return fewer only at the end
    @Override
    public long skip(long count) throws IOException {
        long left = count;
        while (left > 0 && (at < current.length || advance())) {
            int part = (int) Math.min(left, current.length - at);
            at += part;
            total += part;
            left -= part;
        }
        return count - left;
    }

    /// How many bytes have been read or skipped.
    long total() {
        return total;
    }

    @Override
    public void close() {
        unpacking.interrupt();
        hashing.interrupt();
    }
}
