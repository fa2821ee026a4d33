package build.kiln.builder.layer;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// A piece of a tar on its way to the blob. Used again and again: the arrays stay.
final class Block {

    final byte[] raw;
    final byte[] packed;
    int length;
    int packedLength;

    @Nullable
    Throwable failure;

    private CountDownLatch done = new CountDownLatch(1);

    Block(int rawBytes, int packedBytes) {
        this.raw = new byte[rawBytes];
        this.packed = new byte[packedBytes];
    }

    void reset() {
        length = 0;
        packedLength = 0;
        failure = null;
        done = new CountDownLatch(1);
    }

    void pack(BlockCodec.Packer packer) {
        try {
            packedLength = packer.pack(raw, length, packed);
        } catch (RuntimeException | Error e) {
            failure = e; // Of an error, too: a blob that lacks a block would have a digest like any other.
        } finally {
            done.countDown();
        }
    }

    void awaitPacked() throws InterruptedException {
        done.await();
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException("a block of a layer could not be packed: " + e, e);
        }
    }
}
