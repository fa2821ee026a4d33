package build.kiln.builder.layer;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Tar bytes in; out comes the blob, to all outputs at once, with both digests.
///
/// The caller fills blocks; packing threads compress them in any order; one thread takes them in their order,
/// hashes
/// the tar, then writes and hashes the blob. A fixed number of blocks goes around, which bounds the memory and
/// slows
/// the caller down to the slowest output. A tar of a single block needs no thread.
final class BlobPipeline implements AutoCloseable {

    private static final Block END = new Block(0, 0);

    private final BlockCodec codec;
    private final List<OutputStream> outputs;
    private final int threads;
    private final MessageDigest tarHash = Sha256.newHash();
    private final MessageDigest blobHash = Sha256.newHash();
    private final CRC32 crc = new CRC32();
    private long tarBytes;
    private long blobBytes;

    private final BlockingQueue<Block> free = new LinkedBlockingQueue<>();
    private final BlockingQueue<Block> toPack = new LinkedBlockingQueue<>();
    private final BlockingQueue<Block> inOrder = new LinkedBlockingQueue<>();
    private final List<Thread> packers = new ArrayList<>();
    private @Nullable Thread writer;
    private int blocksToMake;
    private Block current;
    private volatile @Nullable Throwable failure;
    private boolean finished;

    /// @param outputs not closed
    BlobPipeline(BlockCodec codec, int threads, List<OutputStream> outputs) {
        this.codec = codec;
        this.threads = Math.max(1, Math.min(threads, codec.maxThreads()));
        this.outputs = List.copyOf(outputs);
        this.blocksToMake = this.threads + 3;
        this.current = newBlock();
    }

    private Block newBlock() {
        blocksToMake--;
        return new Block(codec.blockBytes(), codec.maxPackedBytes());
    }

    void write(byte[] from, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, room());
            System.arraycopy(from, offset + done, buffer(), position(), part);
            advance(part);
            done += part;
        }
    }

    /// Where the next bytes go, for a caller that reads straight into it; see [#position] and [#room].
    byte[] buffer() {
        return current.raw;
    }

    int position() {
        return current.length;
    }

    /// Never 0.
    int room() {
        return current.raw.length - current.length;
    }

    void advance(int count) throws IOException {
        current.length += count;
        if (room() == 0) {
            pass(current);
            current = take();
        }
    }

    private void pass(Block full) throws IOException {
        if (writer == null) {
            start();
        }
        checkFailure();
        toPack.add(full);
        inOrder.add(full);
    }

    private Block take() throws IOException {
        Block next = free.poll();
        if (next == null && blocksToMake > 0) {
            return newBlock();
        }
        try {
            next = next == null ? free.take() : next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was written");
        }
        checkFailure();
        next.reset();
        return next;
    }

    private void start() {
        for (int i = 0; i < threads; i++) {
            packers.add(Thread.ofPlatform().daemon().name("layer-pack-" + i).start(this::packAll));
        }
        writer = Thread.ofPlatform().daemon().name("layer-blob").start(this::writeAll);
    }

    private void packAll() {
        try (BlockCodec.Packer packer = packer()) {
            for (Block block = toPack.take(); block != END; block = toPack.take()) {
                block.pack(packer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One that cannot be had fails each block: somebody waits for it.
    private BlockCodec.Packer packer() {
        try {
            return codec.open();
        } catch (RuntimeException | Error e) {
            return new BlockCodec.Packer() {
                @Override
                public int pack(byte[] block, int length, byte[] into) {
                    throw new IllegalStateException("nothing that packs layers could be opened: " + e, e);
                }

                @Override
                public void close() {}
            };
        }
    }

    private void writeAll() {
        try {
            put(codec.head());
            for (Block block = inOrder.take(); block != END; block = inOrder.take()) {
                finish(block);
                free.add(block);
            }
        } catch (IOException | RuntimeException | InterruptedException | Error e) {
            failure = e;
            free.add(new Block(1, 0)); // Whoever waits for a block wakes up, and sees the failure.
        }
    }

    private void finish(Block block) throws IOException, InterruptedException {
        tarHash.update(block.raw, 0, block.length);
        crc.update(block.raw, 0, block.length);
        tarBytes += block.length;
        block.awaitPacked();
        put(block.packed, block.packedLength);
    }

    private void put(byte[] bytes) throws IOException {
        put(bytes, bytes.length);
    }

    private void put(byte[] bytes, int length) throws IOException {
        for (OutputStream output : outputs) {
            output.write(bytes, 0, length);
        }
        if (!isPlain()) {
            blobHash.update(bytes, 0, length);
        }
        blobBytes += length;
    }

    private void checkFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw new IOException(e.getMessage(), e);
            case Throwable e -> throw new IllegalStateException("a thread that writes a layer ended", e);
        }
    }

    /// Says that the tar is complete, and waits until the blob is written.
    Written finish() throws IOException {
        try {
            if (writer == null) {
                finishHere();
            } else {
                finishThreads(writer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was written");
        }
        put(codec.tail(crc.getValue(), tarBytes));
        for (OutputStream output : outputs) {
            output.flush();
        }
        finished = true;
        Digest tar = Digest.finish(tarHash);
        Digest packed = isPlain() ? tar : Digest.finish(blobHash);
        return new Written(
                new Descriptor(codec.compression().mediaType(), packed, blobBytes), new DiffId(tar), tarBytes);
    }

    /// A blob that is the tar itself need not be hashed twice.
    private boolean isPlain() {
        return codec.compression() == Compression.NONE;
    }

    private void finishHere() throws IOException, InterruptedException {
        put(codec.head());
        try (BlockCodec.Packer packer = codec.open()) {
            current.pack(packer);
        }
        finish(current);
    }

    private void finishThreads(Thread last) throws IOException, InterruptedException {
        if (current.length > 0) {
            pass(current);
        }
        inOrder.add(END);
        packers.forEach(packer -> toPack.add(END));
        last.join();
        for (Thread packer : packers) {
            packer.join();
        }
        checkFailure();
    }

    record Written(Descriptor blob, DiffId diffId, long tarBytes) {}

    /// Gives up if it is not finished: the threads end, and what the outputs got so far is no blob.
    @Override
    public void close() {
        if (!finished && writer != null) {
            writer.interrupt();
            packers.forEach(Thread::interrupt);
        }
    }
}
