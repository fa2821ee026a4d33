package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of a blob when the machine has no more memory for those who pack it.
@Timeout(20)
class BlobPipelineTest {

    private static final byte[] BYTES = new byte[5 << 20];

    @Test
    void blobLacksNoBlockThatCouldNotBePacked() {
        assertThatThrownBy(() -> write(BlobPipelineTest::withoutMemory))
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("no memory");
    }

    @Test
    void smallBlobLacksNothingEither() {
        assertThatThrownBy(() -> write(BlobPipelineTest::withoutMemory, 100))
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("no memory");
    }

    @Test
    void nobodyWaitsForWhatNobodyPacks() {
        assertThatThrownBy(() -> write(() -> {
                    throw new OutOfMemoryError("no memory");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("no memory");
    }

    private static void write(Supplier<BlockCodec.Packer> packers) throws IOException {
        write(packers, BYTES.length);
    }

    private static void write(Supplier<BlockCodec.Packer> packers, int length) throws IOException {
        BlockCodec codec = new GzipCodec("none", 2, new Once(packers));
        try (BlobPipeline pipeline = new BlobPipeline(codec, 2, List.of(new ByteArrayOutputStream()))) {
            pipeline.write(BYTES, 0, length);
            var unused = pipeline.finish();
        }
    }

    private static BlockCodec.Packer withoutMemory() {
        return new BlockCodec.Packer() {
            @Override
            public int pack(byte[] block, int length, byte[] into) {
                throw new OutOfMemoryError("no memory");
            }

            @Override
            public void close() {}
        };
    }

    /// The first one is for the codec's own sample, and works.
    private static final class Once implements Supplier<BlockCodec.Packer> {

        private final Supplier<BlockCodec.Packer> then;
        private boolean isFirst = true;

        Once(Supplier<BlockCodec.Packer> then) {
            this.then = then;
        }

        @Override
        public synchronized BlockCodec.Packer get() {
            boolean first = isFirst;
            isFirst = false;
            return first ? new PlainCodec().open() : then.get();
        }
    }
}
