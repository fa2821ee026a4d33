package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerWriterTest {

    private static final Instant EPOCH = Instant.ofEpochSecond(1_700_000_000);
    private static final Timestamps CLAMPED = new Timestamps.ClampedTo(EPOCH);

    @TempDir
    Path folder;

    @Test
    void gnuTarListsEveryKindOfEntry() throws Exception {
        Path tar = folder.resolve("layer.tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            write(Compressor.of(Compression.NONE), CLAMPED, out, 2, LayerWriterTest::everyKind);
        }
        String listing = run("tar", "--full-time", "--numeric-owner", "-tvf", tar.toString());
        assertThat(listing.lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "drwxr-xr-x 0/0 0 2023-11-14 22:13:20 etc/",
                        "-rwsr-xr-x 0/5 3 2023-11-14 22:13:20 etc/tool",
                        "hrwsr-xr-x 0/5 0 2023-11-14 22:13:20 etc/tool2 link to etc/tool",
                        "lrwxrwxrwx 7/8 0 1970-01-01 00:00:10 etc/link -> ../some where",
                        "prw-r--r-- 0/0 0 1970-01-01 00:00:00 etc/fifo",
                        "crw-rw-rw- 0/0 1,3 1970-01-01 00:00:00 etc/null",
                        "brw-rw---- 0/0 259,300 1970-01-01 00:00:00 etc/disk",
                        "---------- 0/0 0 1970-01-01 00:00:00 etc/.wh.gone",
                        "drwxrwxrwt 3000000/4000000000 0 1969-12-31 23:59:58 tmp/",
                        "---------- 0/0 0 1970-01-01 00:00:00 tmp/.wh..wh..opq");
    }

    private static void everyKind(LayerWriter writer) throws IOException {
        Attributes old = new Attributes(0644, 0, 0, Instant.EPOCH);
        Attributes newer = new Attributes(0755, 0, 0, EPOCH.plusSeconds(5));
        writer.add(new LayerEntry.Directory(LayerPath.of("etc"), newer));
        Attributes tool = new Attributes(04755, 0, 5, EPOCH.plusSeconds(9));
        writer.addFile(LayerPath.of("etc/tool"), tool, FileContent.of(new byte[3]));
        writer.add(new LayerEntry.HardLink(LayerPath.of("etc/tool2"), tool, LayerPath.of("etc/tool")));
        Attributes link = new Attributes(0777, 7, 8, Instant.ofEpochSecond(10, 999_999_999));
        writer.add(new LayerEntry.Symlink(LayerPath.of("etc/link"), link, Bytes.of("../some where")));
        writer.add(new LayerEntry.Fifo(LayerPath.of("etc/fifo"), old));
        writer.add(new LayerEntry.Device(
                LayerPath.of("etc/null"),
                old.withMode(0666),
                LayerEntry.DeviceKind.CHARACTER,
                new build.kiln.builder.linux.DeviceNumber(1, 3)));
        writer.add(new LayerEntry.Device(
                LayerPath.of("etc/disk"),
                old.withMode(0660),
                LayerEntry.DeviceKind.BLOCK,
                new build.kiln.builder.linux.DeviceNumber(259, 300)));
        writer.add(new LayerEntry.Whiteout(LayerPath.of("etc/gone")));
        Attributes sticky = new Attributes(01777, 3_000_000, 4_000_000_000L, Instant.ofEpochSecond(-2, 5));
        writer.add(new LayerEntry.Directory(LayerPath.of("tmp"), sticky));
        writer.add(new LayerEntry.Opaque(LayerPath.of("tmp")));
    }

    @Test
    void gnuTarReadsLongAndStrangeNames() throws Exception {
        List<byte[]> names = List.of(
                "a".repeat(100).getBytes(StandardCharsets.US_ASCII),
                "b".repeat(101).getBytes(StandardCharsets.US_ASCII),
                ("c".repeat(120) + "/" + "d".repeat(90)).getBytes(StandardCharsets.US_ASCII),
                ("e".repeat(150) + "/" + "f".repeat(149)).getBytes(StandardCharsets.US_ASCII),
                new byte[] {'x', (byte) 0xff, (byte) 0xfe, 'y'},
                ("g".repeat(200) + "\u00e9").getBytes(StandardCharsets.ISO_8859_1),
                "\u65e5\u672c\u8a9e".getBytes(StandardCharsets.UTF_8));
        Path tar = folder.resolve("layer.tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            write(Compressor.of(Compression.NONE), CLAMPED, out, 1, writer -> {
                for (byte[] name : names) {
                    Attributes attributes = new Attributes(0644, 0, 0, EPOCH);
                    writer.addFile(LayerPath.of(name), attributes, FileContent.of(new byte[0]));
                    LayerPath link = LayerPath.of("links").resolve(name);
                    writer.add(new LayerEntry.Symlink(link, attributes, Bytes.of(name)));
                }
            });
        }
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (byte[] name : names) {
            expected.writeBytes(name);
            expected.write('\n');
            expected.writeBytes("links/".getBytes(StandardCharsets.US_ASCII));
            expected.writeBytes(name);
            expected.write('\n');
        }
        assertThat(runRaw("tar", "--quoting-style=literal", "-tf", tar.toString()))
                .isEqualTo(expected.toByteArray());
    }

    @Test
    void extendedAttributesAndExactTimesArePaxRecords() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Attributes attributes = new Attributes(
                0644,
                0,
                0,
                Instant.ofEpochSecond(-2, 750_000_000),
                Map.of("user.b", Bytes.of("two"), "security.capability", Bytes.of(new byte[] {1, 0, 2})));
        write(
                Compressor.of(Compression.NONE),
                new Timestamps.Exact(),
                out,
                1,
                writer -> writer.addFile(LayerPath.of("f"), attributes, FileContent.of(new byte[0])));
        String pax = new String(out.toByteArray(), 512, 512, StandardCharsets.ISO_8859_1);
        assertThat(pax)
                .startsWith("37 SCHILY.xattr.security.capability=\u0001\0\u0002\n".replace("37", "40")
                        + "27 SCHILY.xattr.user.b=two\n15 mtime=-1.25\n\0");
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void blobAndDigestsAreTheSameForAnyNumberOfThreads(Compression compression) throws Exception {
        Compressor compressor = Compressor.of(compression);
        byte[] mixed = mixed(11_000_000);
        Result one = result(compressor, 1, mixed);
        assertThat(one.layer.blob().digest()).isEqualTo(Digest.of(one.blob));
        assertThat(one.layer.blob().sizeBytes()).isEqualTo(one.blob.length);
        for (int threads : new int[] {2, 3, 8}) {
            Result many = result(compressor, threads, mixed);
            assertThat(many.blob).isEqualTo(one.blob);
            assertThat(many.layer).isEqualTo(one.layer);
        }
    }

    @Test
    void diffIdIsThatOfTheTarWhateverTheCompression() throws Exception {
        byte[] mixed = mixed(3_000_000);
        Result plain = result(Compressor.of(Compression.NONE), 2, mixed);
        Result gzip = result(Compressor.of(Compression.GZIP), 2, mixed);
        Result zlib = result(Compressor.portableGzip(), 2, mixed);
        Result zstd = result(Compressor.of(Compression.ZSTD), 2, mixed);
        assertThat(plain.layer.diffId().digest()).isEqualTo(Digest.of(plain.blob));
        assertThat(List.of(gzip.layer.diffId(), zlib.layer.diffId(), zstd.layer.diffId()))
                .containsOnly(plain.layer.diffId());
        assertThat(gunzip(gzip.blob)).isEqualTo(plain.blob);
        assertThat(gunzip(zlib.blob)).isEqualTo(plain.blob);
        try (InputStream in = new com.github.luben.zstd.ZstdInputStream(new ByteArrayInputStream(zstd.blob))) {
            assertThat(in.readAllBytes()).isEqualTo(plain.blob);
        }
    }

    @Test
    void gunzipOfTheSystemReadsTheBlob() throws Exception {
        Result gzip = result(Compressor.of(Compression.GZIP), 2, mixed(5_000_000));
        Path blob = Files.write(folder.resolve("blob.tar.gz"), gzip.blob);
        assertThat(runRaw("gzip", "-dc", blob.toString())).isEqualTo(gunzip(gzip.blob));
    }

    @Test
    void whatDoesNotCompressIsStored() throws Exception {
        byte[] random = new byte[8 << 20];
        new Random(1).nextBytes(random);
        for (Compressor compressor : List.of(Compressor.of(Compression.GZIP), Compressor.portableGzip())) {
            Result result = result(compressor, 2, random);
            assertThat((long) result.blob.length).isLessThan(result.layer.tarSizeBytes() + random.length / 1000);
            assertThat(gunzip(result.blob)).hasSize((int) result.layer.tarSizeBytes());
        }
    }

    @Test
    void everyOutputGetsTheWholeBlob() throws Exception {
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        ByteArrayOutputStream second = new ByteArrayOutputStream();
        try (LayerWriter writer = LayerWriter.open(Compressor.of(Compression.GZIP), CLAMPED, List.of(first, second))) {
            everyKind(writer);
            Layer layer = writer.finish();
            assertThat(Digest.of(first.toByteArray())).isEqualTo(layer.blob().digest());
        }
        assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
    }

    @Test
    void failureOfAnOutputEndsTheLayer() {
        OutputStream full = new OutputStream() {
            private long written;

            @Override
            public void write(int b) throws IOException {
                write(new byte[1], 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                written += length;
                if (written > 2_000_000) {
                    throw new IOException("the disk is full");
                }
            }
        };
        byte[] random = new byte[40 << 20];
        new Random(1).nextBytes(random);
        assertThatThrownBy(() ->
                        write(Compressor.of(Compression.GZIP), CLAMPED, full, 2, writer -> addMixed(writer, random)))
                .isInstanceOf(IOException.class)
                .hasMessage("the disk is full");
    }

    @Test
    void fileThatShrinksIsNamed() {
        FileContent shrunk = new FileContent() {
            @Override
            public long sizeBytes() {
                return 10;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(new byte[4]);
            }
        };
        assertThatThrownBy(() -> write(
                        Compressor.of(Compression.NONE),
                        CLAMPED,
                        OutputStream.nullOutputStream(),
                        1,
                        writer -> writer.addFile(LayerPath.of("log"), new Attributes(0, 0, 0, Instant.EPOCH), shrunk)))
                .hasMessage("The file /log had 10 bytes when it was looked at, and ended after 4 when it was read:"
                        + " something is changing it.");
    }

    @Test
    void anEmptyLayerIsTheWellKnownOne() throws Exception {
        Layer layer = write(Compressor.of(Compression.GZIP), CLAMPED, OutputStream.nullOutputStream(), 2, writer -> {});
        assertThat(layer.diffId())
                .hasToString("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
    }

    private record Result(Layer layer, byte[] blob) {}

    private static Result result(Compressor compressor, int threads, byte[] content) throws IOException {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        Layer layer = write(compressor, CLAMPED, blob, threads, writer -> addMixed(writer, content));
        return new Result(layer, blob.toByteArray());
    }

    private static void addMixed(LayerWriter writer, byte[] content) throws IOException {
        Attributes attributes = new Attributes(0644, 1, 2, EPOCH);
        for (int i = 0; i < 300; i++) {
            byte[] small = Arrays.copyOf(content, i * 37);
            writer.addFile(LayerPath.of("small/" + i), attributes, FileContent.of(small));
        }
        writer.addFile(LayerPath.of("big"), attributes, FileContent.of(content));
    }

    private interface Filling {
        void fill(LayerWriter writer) throws IOException;
    }

    private static Layer write(
            Compressor compressor, Timestamps timestamps, OutputStream out, int threads, Filling filling)
            throws IOException {
        try (LayerWriter writer = LayerWriter.open(compressor, timestamps, List.of(out), threads)) {
            filling.fill(writer);
            return writer.finish();
        }
    }

    /// Runs of noise, of text and of zeros, so that blocks of every kind come up.
    private static byte[] mixed(int length) {
        Random random = new Random(42);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        byte[] sample = GzipCodec.sample();
        for (int at = 3_000_000; at + sample.length < length * 2 / 3; at += sample.length) {
            System.arraycopy(sample, 0, bytes, at, sample.length);
            bytes[at + random.nextInt(sample.length)]++;
        }
        Arrays.fill(bytes, length * 2 / 3, length * 3 / 4, (byte) 0);
        return bytes;
    }

    private static byte[] gunzip(byte[] blob) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(blob))) {
            return in.readAllBytes();
        }
    }

    private static String run(String... command) throws Exception {
        return new String(runRaw(command), StandardCharsets.UTF_8);
    }

    private static byte[] runRaw(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("TZ", "UTC");
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return output;
    }
}
