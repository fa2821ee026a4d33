package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.oci.DiffId;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerReaderTest {

    @TempDir
    Path folder;

    static Stream<Arguments> hostile() {
        String big = "x".repeat(300);
        return Stream.of(
                Arguments.of(
                        new TarMaker().file("a/../../etc/passwd", "x").end(),
                        "The layer's entry \"a/../../etc/passwd\" cannot be placed: the path \"a/../../etc/passwd\" has"
                                + " a \"..\"."),
                Arguments.of(
                        new TarMaker().file("a", "x").entry('1', "b", "../a").end(),
                        "The layer's entry \"b\" cannot be placed: the path \"../a\" has a \"..\"."),
                Arguments.of(
                        new TarMaker().entry('1', "b", "etc/passwd").end(),
                        "The layer's hard link /b names /etc/passwd, which is no file of this layer."),
                Arguments.of(
                        new TarMaker().entry('1', "b", "b").end(),
                        "The layer's hard link /b names /b, which is no file of this layer."),
                Arguments.of(
                        new TarMaker().file("a", "x").file("a/b", "x").end(),
                        "The layer has /a/b, but /a is not a directory."),
                Arguments.of(
                        new TarMaker().pax("path=" + big).file("a", "x").end(),
                        "The layer has a name of 300 bytes in a path of 300; Linux takes 255 and 4095."),
                Arguments.of(
                        new TarMaker().entry('S', "sparse", "").end(),
                        "The tar has a sparse file (sparse), which an image layer must not have."),
                Arguments.of(
                        new TarMaker().pax("GNU.sparse.major=1").file("a", "x").end(),
                        "The tar has a sparse file (GNU.sparse.major), which an image layer must not have."),
                Arguments.of(
                        new TarMaker().entry('V', "label", "").end(),
                        "The layer's entry /label is of type 'V', which an image layer must not have."),
                Arguments.of(
                        new TarMaker().entry('3', "null", "").end(),
                        "The layer's entry /null is a character device 0:0, which means a deleted file to overlayfs."),
                Arguments.of(
                        new TarMaker().file("a/.wh..", "").end(),
                        "The layer has the whiteout /a/.wh.., which hides nothing that can exist."),
                Arguments.of(
                        new TarMaker().file("a/.wh.", "").end(),
                        "The layer has the whiteout /a/.wh., which hides nothing that can exist."),
                Arguments.of(
                        new TarMaker().entry('2', "l", "").end(),
                        "The layer's symbolic link /l has a target of 0 bytes, or with a NUL, which Linux does not"
                                + " take."),
                Arguments.of(
                        new TarMaker()
                                .entry('2', "l", "m")
                                .entry('2', "m", "l")
                                .file("l/x", "")
                                .end(),
                        "The layer has an entry below /l, where symbolic links go in circles."),
                Arguments.of(
                        new TarMaker().pax("size=-5").file("a", "x").end(),
                        "The tar is damaged: an entry has a size of -5 bytes."),
                Arguments.of(
                        new TarMaker().pax("uid=4294967295").file("a", "x").end(),
                        "The tar has an entry that belongs to id 4294967295, which Linux does not have."),
                Arguments.of(
                        new TarMaker().pax("mtime=tomorrow").file("a", "x").end(),
                        "The tar is damaged: an entry's time of change is none."),
                Arguments.of(
                        new TarMaker()
                                .entry('x', "pax", "", "99 path=a\n".getBytes(StandardCharsets.US_ASCII))
                                .file("a", "x")
                                .end(),
                        "The tar is damaged: a PAX header has a record that is not well-formed."),
                Arguments.of(
                        new TarMaker()
                                .entry(TarMaker.header('x', "pax", "", "77777777777"), new byte[512])
                                .end(),
                        "The tar has an extended header of 8589934591 bytes; at most 1048576 are allowed."),
                Arguments.of(
                        new TarMaker()
                                .entry(TarMaker.header('0', "a", "", "000000g0000"), new byte[0])
                                .end(),
                        "The tar is damaged: a header's size is not an octal number."),
                Arguments.of(
                        new TarMaker()
                                .entry(TarMaker.header('0', "a", "", "\u00bf" + "\u00ff".repeat(11)), new byte[0])
                                .end(),
                        "The tar is damaged: a header's size is larger than 63 bits."),
                Arguments.of(new TarMaker().file("a", "xyz").cutOff(), null),
                Arguments.of(
                        java.util.Arrays.copyOf(new TarMaker().file("a", "xyz").cutOff(), 700),
                        "The tar ends in the middle of an entry."),
                Arguments.of(
                        "this is not a tar, but it is long enough to be one "
                                .repeat(20)
                                .getBytes(StandardCharsets.UTF_8),
                        "The tar is damaged: a header's checksum is not an octal number."),
                Arguments.of(new byte[] {0x1f, (byte) 0x8b, 8, 0}, "The gzip stream ends in the middle."),
                Arguments.of(
                        new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                        "The zstd stream is damaged: "));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void hostileTarIsRefusedByName(byte[] tar, @org.jspecify.annotations.Nullable String message) throws Exception {
        if (message == null) {
            assertThat(read(tar).index().entries()).hasSize(1); // GNU tar reads this, too.
            return;
        }
        assertThatThrownBy(() -> read(tar))
                .isInstanceOf(InvalidLayer.class)
                .message()
                .startsWith(message);
    }

    @Test
    void otherDiffIdThanExpectedIsRefused() {
        byte[] tar = new TarMaker().file("a", "x").end();
        DiffId expected = new DiffId(Digest.of(new byte[0]));
        assertThatThrownBy(() -> LayerReader.readIndex(new ByteArrayInputStream(tar), expected))
                .isInstanceOf(InvalidLayer.class)
                .hasMessage("The layer's content has the digest " + Digest.of(tar) + ", not " + expected
                        + " as the image's config says.");
    }

    @Test
    void namesCountFromTheRoot() throws Exception {
        assertThat(paths(new TarMaker()
                        .file("/abs", "")
                        .file("./a//b/./c", "")
                        .entry('5', "./", "")
                        .end()))
                .containsExactly("/", "/a/b/c", "/abs");
    }

    @Test
    void entryBelowALinkGoesWhereTheLinkLeadsWithinTheLayer() throws Exception {
        byte[] tar = new TarMaker()
                .entry('5', "usr", "")
                .entry('2', "lib", "/usr/../../usr/lib")
                .file("lib/a.so", "")
                .entry('1', "lib/b.so", "lib/a.so")
                .end();
        assertThat(paths(tar)).containsExactly("/lib", "/usr", "/usr/lib/a.so", "/usr/lib/b.so");
    }

    @Test
    void laterEntryOfAPathCounts() throws Exception {
        LayerIndex index = read(new TarMaker()
                        .file("a", "old")
                        .entry('1', "link", "a")
                        .entry('1', "link2", "link")
                        .file("a", "newer")
                        .file("d", "")
                        .entry('5', "d", "")
                        .file("d/x", "")
                        .entry('5', "e", "")
                        .file("e/x", "")
                        .file("e", "now a file")
                        .end())
                .index();
        assertThat(index.entries().stream().map(e -> e.path().toString()))
                .containsExactly("/a", "/d", "/d/x", "/e", "/link", "/link2");
        assertThat(((LayerEntry.File) index.entry(LayerPath.of("a")).orElseThrow()).sizeBytes())
                .isEqualTo(5);
        // The other names keep the file that they were made for.
        assertThat(((LayerEntry.File) index.entry(LayerPath.of("link")).orElseThrow()).sizeBytes())
                .isEqualTo(3);
        assertThat(((LayerEntry.HardLink) index.entry(LayerPath.of("link2")).orElseThrow()).target())
                .isEqualTo(LayerPath.of("link"));
        assertThat(index.opaqueDirectories()).containsExactly(LayerPath.of("d"));
    }

    @Test
    void whiteoutBesideAnEntryOnlyHidesWhatIsBelowTheLayer() throws Exception {
        LayerIndex index = read(new TarMaker()
                        .file(".wh.a", "")
                        .file("a", "x")
                        .file(".wh.d", "")
                        .entry('5', "d", "")
                        .entry('5', "e", "")
                        .file(".wh.e", "")
                        .file("f/.wh..wh..opq", "")
                        .file("f/.wh..wh.plnk", "")
                        .end())
                .index();
        assertThat(index.entries().stream().map(e -> e.getClass().getSimpleName() + e.path()))
                .containsExactly("File/a", "Directory/d", "Directory/e");
        assertThat(index.opaqueDirectories()).containsExactly(LayerPath.of("d"), LayerPath.of("e"), LayerPath.of("f"));
    }

    @Test
    void gzipOfSeveralMembersIsOneStreamAlsoWhenTheSourceSaysNothingIsAvailable() throws Exception {
        byte[] tar = new TarMaker().file("a", "x".repeat(5000)).end();
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        for (int at = 0; at < tar.length; at += 1000) {
            try (OutputStream member = new GZIPOutputStream(blob)) {
                member.write(tar, at, Math.min(1000, tar.length - at));
            }
        }
        InputStream drip = new InputStream() {
            private final InputStream in = new ByteArrayInputStream(blob.toByteArray());

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return in.read(into, offset, Math.min(7, length));
            }
        };
        LayerReader.Unpacked read = LayerReader.readIndex(drip, new DiffId(Digest.of(tar)));
        assertThat(read.index().entries()).hasSize(1);
    }

    @Test
    void bytesBehindTheGzipStreamAreRefused() throws Exception {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (OutputStream member = new GZIPOutputStream(blob)) {
            member.write(new TarMaker().file("a", "x").end());
        }
        blob.write(42);
        assertThatThrownBy(() -> read(blob.toByteArray()))
                .isInstanceOf(InvalidLayer.class)
                .hasMessage("The layer has bytes that are no gzip stream.");
    }

    @Test
    void failureOfTheSourceIsNotTheLayers() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };
        assertThatThrownBy(() -> LayerReader.read(broken, new Nothing()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("connection reset");
    }

    @Test
    void layerCutAnywhereIsRefusedOrWhole() throws Exception {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (OutputStream member = new GZIPOutputStream(blob)) {
            member.write(new TarMaker().pax("path=abc").file("a", "hello").end());
        }
        for (int length = 1; length < blob.size(); length++) {
            byte[] cut = java.util.Arrays.copyOf(blob.toByteArray(), length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(InvalidLayer.class);
        }
    }

    @Test
    void idsSizesAndTimesOfEveryDialectAreRead() throws Exception {
        byte[] binary = TarMaker.header('0', "binary", "", "00000000003");
        TarMaker.put(binary, 108, "\u0080\0\0\0\u0012\u0034\u0056\u0078");
        TarMaker.put(binary, 136, "\u00ff".repeat(11) + "\u00fe");
        byte[] tar = new TarMaker()
                .entry(binary, new byte[3])
                .pax("uid=4000000000", "gid=70000", "mtime=-1.5", "SCHILY.xattr.user.a=b", "atime=1", "path=pax")
                .file("ignored", "")
                .end();
        LayerIndex index = read(tar).index();
        Attributes first = ((LayerEntry.File) index.entries().get(0)).attributes();
        assertThat(first).isEqualTo(new Attributes(0644, 0x12345678L, 0, Instant.ofEpochSecond(-2)));
        LayerEntry.File pax = (LayerEntry.File) index.entry(LayerPath.of("pax")).orElseThrow();
        assertThat(pax.attributes())
                .isEqualTo(new Attributes(
                        0644,
                        4_000_000_000L,
                        70_000,
                        Instant.ofEpochSecond(-2, 500_000_000),
                        Map.of("user.a", Bytes.of("b"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "oldgnu", "posix", "ustar", "v7"})
    void tarsOfGnuTarAreRead(String format) throws Exception {
        boolean longNames = !format.equals("ustar") && !format.equals("v7");
        Path tree = Files.createDirectory(folder.resolve("tree"));
        String name = longNames ? "n".repeat(180) : "n".repeat(90);
        Files.writeString(tree.resolve(name), "content");
        Files.createSymbolicLink(tree.resolve("link"), Path.of(longNames ? "t".repeat(150) : "t"));
        Files.createLink(tree.resolve("z"), tree.resolve(name));
        Files.createDirectory(tree.resolve("d"));
        Path tar = folder.resolve("t.tar");
        Process process = new ProcessBuilder(
                        "tar", "--format=" + format, "--sort=name", "-cf", tar.toString(), "-C", tree.toString(), ".")
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();

        LayerIndex index = read(Files.readAllBytes(tar)).index();

        assertThat(index.entries().stream().map(e -> e.path().toString()))
                .containsExactly("/", "/d", "/link", "/" + name, "/z");
        LayerEntry.File file = (LayerEntry.File) index.entry(LayerPath.of(name)).orElseThrow();
        assertThat(file.digest()).isEqualTo(Digest.of("content".getBytes(StandardCharsets.UTF_8)));
        assertThat(((LayerEntry.HardLink) index.entry(LayerPath.of("z")).orElseThrow()).target())
                .isEqualTo(LayerPath.of(name));
    }

    @Test
    void devicesKeepTheirNumbers() throws Exception {
        byte[] header = TarMaker.header('4', "disk", "", "00000000000");
        TarMaker.put(header, 329, "0000403");
        TarMaker.put(header, 337, "0000454");
        LayerEntry entry = read(new TarMaker().entry(header, new byte[0]).end())
                .index()
                .entries()
                .getFirst();
        assertThat(entry)
                .isEqualTo(new LayerEntry.Device(
                        LayerPath.of("disk"),
                        new Attributes(0644, 0, 0, Instant.ofEpochSecond(1)),
                        LayerEntry.DeviceKind.BLOCK,
                        new DeviceNumber(259, 300)));
    }

    private static List<String> paths(byte[] tar) throws IOException {
        return read(tar).index().entries().stream()
                .map(entry -> entry.path().toString())
                .toList();
    }

    private static LayerReader.Unpacked read(byte[] blob) throws IOException {
        return LayerReader.read(new ByteArrayInputStream(blob), new Nothing());
    }

    private static final class Nothing implements EntrySink {
        @Override
        public void add(LayerEntry.Plain entry) {}

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) {}
    }
}
