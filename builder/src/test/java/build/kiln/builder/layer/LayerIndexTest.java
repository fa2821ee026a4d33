package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerIndexTest {

    @Test
    void savedIndexIsTheSameAgain() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            LayerIndex index = index(seed);
            assertThat(LayerIndex.load(new ByteArrayInputStream(saved(index)))).isEqualTo(index);
        }
    }

    @Test
    void everyFlippedBitAndEveryCutIsNoticed() throws Exception {
        byte[] saved = saved(index(7));
        assertThat(saved.length).isGreaterThan(200);
        for (int i = 0; i < saved.length * 8; i += 7) {
            byte[] flipped = saved.clone();
            flipped[i / 8] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> LayerIndex.load(new ByteArrayInputStream(flipped)))
                    .isInstanceOf(InvalidLayer.class);
        }
        for (int length = 0; length < saved.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(saved, length);
            assertThatThrownBy(() -> LayerIndex.load(new ByteArrayInputStream(cut)))
                    .isInstanceOf(InvalidLayer.class);
        }
    }

    @Test
    void noiseIsNoIndex() {
        Random random = new Random(3);
        byte[] good = "KilnIdx1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (int i = 0; i < 5000; i++) {
            byte[] noise = new byte[random.nextInt(200) + 8];
            random.nextBytes(noise);
            System.arraycopy(good, 0, noise, 0, good.length);
            assertThatThrownBy(() -> LayerIndex.load(new ByteArrayInputStream(noise)))
                    .isInstanceOf(InvalidLayer.class);
        }
    }

    @Test
    void fiftyThousandEntriesTakeLittleRoom() throws Exception {
        IndexBuilder builder = new IndexBuilder();
        Attributes attributes = new Attributes(0644, 0, 0, Instant.ofEpochSecond(1_700_000_000));
        byte[] hash = new byte[32];
        for (int i = 0; i < 50_000; i++) {
            LayerPath path =
                    LayerPath.of(String.format("usr/lib/python3/dist-packages/p%03d/module%05d.py", i / 100, i));
            builder.add(new LayerEntry.File(path, attributes, i, Bytes.of(hash)));
        }
        LayerIndex index = builder.build();
        byte[] saved = saved(index);
        assertThat(saved.length).isLessThan(60 * 50_000);
        assertThat(LayerIndex.load(new ByteArrayInputStream(saved)).entries()).hasSize(50_000);
    }

    @Test
    void impliedDirectoriesAreThoseWithoutAnEntry() throws Exception {
        IndexBuilder builder = new IndexBuilder();
        Attributes attributes = new Attributes(0755, 0, 0, Instant.EPOCH);
        builder.add(new LayerEntry.Directory(LayerPath.of("a"), attributes));
        builder.add(new LayerEntry.Fifo(LayerPath.of("a/b/c/d"), attributes));
        builder.add(new LayerEntry.Fifo(LayerPath.of("x"), attributes));
        assertThat(builder.build().impliedDirectories()).containsExactly(LayerPath.of("a/b"), LayerPath.of("a/b/c"));
    }

    private static byte[] saved(LayerIndex index) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        index.save(out);
        return out.toByteArray();
    }

    private static LayerIndex index(long seed) throws IOException {
        Compressor none = Compressor.of(Compression.NONE);
        List<OutputStream> nowhere = List.of(OutputStream.nullOutputStream());
        try (LayerWriter writer = LayerWriter.open(none, new Timestamps.Exact(), nowhere)) {
            new RandomTree(seed, RandomTree.Devices.SOME).writeTo(writer);
            return writer.finish().index();
        }
    }
}
