package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
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

    @InNamespaces // For foreign owners and whiteouts.
    @Test
    void directoryMadeBesideTheTarIsWhatTheTarUnpacksTo() throws Exception {
        Timestamps clamped = new Timestamps.ClampedTo(Instant.ofEpochSecond(1_000_000_000));
        for (int seed = 300; seed < 320; seed++) {
            RandomTree tree = new RandomTree(seed, RandomTree.Devices.NONE);
            Path directory = Files.createDirectory(folder.resolve("beside" + seed));
            Layer written;
            try (LayerDirectory target = LayerDirectory.open(directory, OverlayXattrs.USER, Fidelity.EXACT);
                    LayerWriter writer = LayerWriter.open(Compressor.of(Compression.GZIP), clamped, List.of())) {
                DirectoryBeside beside = new DirectoryBeside(target, clamped);
                tree.writeTo(beside.before(writer));
                written = writer.finish();
                assertThat(beside.finish()).isNull();
            }
            Layer again = write(
                    Compressor.of(Compression.NONE),
                    sink -> Changeset.of(directory, OverlayXattrs.USER).writeTo(sink),
                    OutputStream.nullOutputStream());

            assertThat(again.index()).as("seed %d", seed).isEqualTo(written.index());
            assertThat(again.diffId()).as("seed %d", seed).isEqualTo(written.diffId());
        }
    }

    @Test
    void tarIsWholeAlsoIfNoDirectoryCanBeMadeBesideIt() throws Exception {
        Attributes attributes = new Attributes(0644, 0, 0, Instant.EPOCH);
        Source source = sink -> {
            for (String name : List.of("a", "b")) {
                byte[] content = name.getBytes(StandardCharsets.UTF_8);
                sink.addFile(LayerPath.of(name), attributes, FileContent.of(content));
            }
        };
        Compressor compressor = Compressor.of(Compression.NONE);
        ByteArrayOutputStream alone = new ByteArrayOutputStream();
        write(compressor, source, alone);

        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        Path directory = Files.createDirectory(folder.resolve("none"));
        try (LayerDirectory target = LayerDirectory.open(directory, OverlayXattrs.USER, Fidelity.EXACT)) {
            Files.delete(directory);
            DirectoryBeside beside = new DirectoryBeside(target, EXACT);
            write(compressor, sink -> source.writeTo(beside.before(sink)), blob);
            assertThat(beside.finish()).isInstanceOf(IOException.class);
        }
        assertThat(blob.toByteArray()).isEqualTo(alone.toByteArray());
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
