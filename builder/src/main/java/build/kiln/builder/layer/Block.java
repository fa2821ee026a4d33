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
    RuntimeException failure;

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
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            done.countDown();
        }
    }

    void awaitPacked() throws InterruptedException {
        done.await();
        if (failure != null) {
            throw failure;
        }
    }
}
