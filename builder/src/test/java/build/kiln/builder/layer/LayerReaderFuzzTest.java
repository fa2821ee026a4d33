package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Changes good tars at random and reads them: the outcome is a layer or [InvalidLayer], and nothing outside
/// of the
/// layer's directory changes.
///
/// A moment each by default. `-Dkiln.fuzz.seconds=3600` makes it a search; a failure names its seed, and
/// `-Dkiln.fuzz.seed=N` starts there.
class LayerReaderFuzzTest {

    private static final Duration TIME = Duration.ofMillis(1000L * Long.getLong("kiln.fuzz.seconds", 0) + 300);
    private static final long FIRST_SEED = Long.getLong("kiln.fuzz.seed", 1);

    @TempDir
    Path folder;

    @Test
    @Timeout(7200)
    void changedTarIsALayerOrInvalid() {
        long end = System.nanoTime() + TIME.toNanos();
        int tried = 0;
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            tried++;
            try {
                LayerReader.read(new ByteArrayInputStream(mutant(seed)), new EntrySink() {
                    @Override
                    public void add(LayerEntry.Plain entry) {}

                    @Override
                    public void addFile(LayerPath path, Attributes attributes, FileContent content) {}
                });
            } catch (InvalidLayer expected) {
                assertThat(expected.getMessage()).isNotBlank();
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(tried).isPositive();
    }

    @Test
    @InNamespaces
    @Timeout(7200)
    void changedTarStaysInItsDirectory() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("file"), "untouched");
        String before = Files.getLastModifiedTime(outside) + Files.readString(outside.resolve("file"));
        long end = System.nanoTime() + TIME.toNanos();
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            Path inside = Files.createDirectory(folder.resolve("layer" + seed));
            try (LayerDirectory target = LayerDirectory.open(inside, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
                LayerReader.read(new ByteArrayInputStream(mutant(seed)), target);
                target.finish();
            } catch (InvalidLayer expected) {
                assertThat(expected.getMessage()).isNotBlank();
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            try (build.kiln.builder.linux.Directory in = build.kiln.builder.linux.Directory.open(folder)) {
                in.removeTree(("layer" + seed).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
        assertThat(Files.getLastModifiedTime(outside) + Files.readString(outside.resolve("file")))
                .isEqualTo(before);
        try (var names = Files.list(folder)) {
            assertThat(names).hasSize(1);
        }
    }

    /// A random tree's tar (or one full of links that lead out) with some bytes changed, headers then made
    /// right again.
    private static byte[] mutant(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] tar = random.nextInt(3) == 0 ? links(random) : good(seed);
        int changes = random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int block = random.nextInt(tar.length / 512) * 512;
            int at = block + (random.nextBoolean() ? random.nextInt(100) : random.nextInt(512));
            tar[at] = (byte) (random.nextBoolean() ? "/.0\0x157\u00ff ".charAt(random.nextInt(10)) : random.nextInt());
            if (random.nextInt(8) > 0 && tar[block + 257] == 'u') {
                byte[] header = java.util.Arrays.copyOfRange(tar, block, block + 512);
                System.arraycopy(TarMaker.checksummed(header), 0, tar, block, 512);
            }
        }
        return random.nextInt(10) == 0 ? java.util.Arrays.copyOf(tar, random.nextInt(tar.length)) : tar;
    }

    private static byte[] good(long seed) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        Compressor none = Compressor.of(Compression.NONE);
        try (LayerWriter writer = LayerWriter.open(none, new Timestamps.Exact(), List.of(tar))) {
            new RandomTree(seed, RandomTree.Devices.SOME).writeTo(writer);
            writer.finish();
        }
        return tar.toByteArray();
    }

    private static byte[] links(Random random) {
        TarMaker tar = new TarMaker();
        String[] names = {"a", "b", "a/b", "b/a", "a/b/file", "b/outside/file", "../outside/file", ".wh.a", "a/.wh.b"};
        String[] targets = {"/", "..", "../outside", "/outside", "a", "b", "a/b", "../../../../outside/file", "."};
        for (int i = random.nextInt(12); i >= 0; i--) {
            String name = names[random.nextInt(names.length)];
            String target = targets[random.nextInt(targets.length)];
            tar.entry("0125522".charAt(random.nextInt(7)), name, target);
        }
        return tar.end();
    }
}
