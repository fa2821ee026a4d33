package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerRoundTripTest {

    private static final Timestamps EXACT = new Timestamps.Exact();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Compression.class)
    void readingABlobGivesTheIndexThatWritingItGave(Compression compression) throws Exception {
        Compressor compressor = Compressor.of(compression);
        for (int seed = 0; seed < 20; seed++) {
            RandomTree tree = new RandomTree(seed, RandomTree.Devices.SOME);
            ByteArrayOutputStream blob = new ByteArrayOutputStream();
            Layer written = write(compressor, tree::writeTo, blob);

            LayerReader.Unpacked read =
                    LayerReader.readIndex(new ByteArrayInputStream(blob.toByteArray()), written.diffId());

            assertThat(read.index()).as("seed %d", seed).isEqualTo(written.index());
            assertThat(read.tarSizeBytes()).isEqualTo(written.tarSizeBytes());
        }
    }

    @InNamespaces // For foreign owners and whiteouts.
    @ParameterizedTest
    @ValueSource(ints = {0, 100, 200})
    void unpackedLayerIsTheSameChangesetAgain(int firstSeed) throws Exception {
        Compressor compressor = Compressor.of(Compression.NONE);
        for (int seed = firstSeed; seed < firstSeed + 8; seed++) {
            RandomTree tree = new RandomTree(seed, RandomTree.Devices.NONE);
            ByteArrayOutputStream blob = new ByteArrayOutputStream();
            Layer written = write(compressor, tree::writeTo, blob);

            Path directory = Files.createDirectory(folder.resolve("layer" + seed));
            try (LayerDirectory target = LayerDirectory.open(directory, OverlayXattrs.USER, Fidelity.EXACT)) {
                LayerReader.read(new ByteArrayInputStream(blob.toByteArray()), written.diffId(), target);
                assertThat(target.finish()).isZero();
            }
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            Layer rewritten = write(
                    compressor,
                    sink -> Changeset.of(directory, OverlayXattrs.USER).writeTo(sink),
                    again);

            assertThat(rewritten.index()).as("seed %d", seed).isEqualTo(written.index());
            assertThat(rewritten.diffId()).as("seed %d", seed).isEqualTo(written.diffId());
        }
    }

    private interface Source {
        void writeTo(EntrySink sink) throws IOException;
    }

    private static Layer write(Compressor compressor, Source source, OutputStream out) throws IOException {
        try (LayerWriter writer = LayerWriter.open(compressor, EXACT, List.of(out))) {
            source.writeTo(writer);
            return writer.finish();
        }
    }
}
