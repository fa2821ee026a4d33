package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedLayersTest {

    @TempDir
    private Path own;

    private Path tree;

    @BeforeEach
    void makeFolder() throws IOException {
        tree = Files.createDirectory(own.resolve("tree"));
    }

    private void merge(byte[]... layers) throws IOException {
        try (MergedLayers merged = MergedLayers.open(tree, Fidelity.AS_FAR_AS_ALLOWED, 1000)) {
            for (byte[] layer : layers) {
                merged.apply(() -> new ByteArrayInputStream(layer), new DiffId(Digest.of(layer)));
            }
            merged.finish();
        }
    }

    private List<String> found() throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            return all.filter(path -> !path.equals(tree))
                    .map(path -> tree.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static TarMaker tar() {
        return new TarMaker();
    }

    @Test
    void whiteoutsTakeAwayWhatLowerLayersHaveAndNothingOfTheirOwnLayer() throws IOException {
        merge(
                tar().entry('5', "a/", "")
                        .file("a/old", "1")
                        .file("a/kept", "1")
                        .file("b", "1")
                        .end(),
                tar().file("a/new", "2")
                        .entry('0', "a/.wh.old", "")
                        .file("b", "2")
                        .entry('0', ".wh.b", "")
                        .end());
        assertThat(found()).containsExactly("a", "a/kept", "a/new", "b");
        assertThat(tree.resolve("b")).hasContent("2");
    }

    @Test
    void anOpaqueDirectoryHasItsOwnFilesAloneWhereverItsMarkStands() throws IOException {
        merge(
                tar().file("a/old", "1").file("a/deep/old", "1").end(),
                tar().file("a/new", "2").entry('0', "a/.wh..wh..opq", "").end());
        assertThat(found()).containsExactly("a", "a/new");
    }

    @Test
    void aDirectoryTakesThePlaceOfALinkAndAFileThatOfADirectory() throws IOException {
        Path outside = Files.createDirectory(own.resolve("outside"));
        merge(
                tar().entry('2', "lib", outside.toString())
                        .file("dir/inner/file", "1")
                        .entry('2', "etc", outside.toString())
                        .end(),
                tar().file("lib/x", "2").file("dir", "2").entry('5', "etc/", "").end());
        assertThat(found()).containsExactly("dir", "etc", "lib", "lib/x");
        assertThat(Files.isSymbolicLink(tree.resolve("etc"))).isFalse();
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void whiteoutsBehindALinkTakeNothingAway() throws IOException {
        Path outside = Files.createDirectory(own.resolve("outside"));
        Files.writeString(outside.resolve("file"), "mine");
        merge(
                tar().entry('2', "door", outside.toString()).end(),
                tar().entry('0', "door/.wh.file", "").end());
        assertThat(outside.resolve("file")).hasContent("mine");
    }

    @Test
    void directoriesThatNoEntryNamesHaveTheSameTimeWhereverTheyAreMade() throws IOException {
        merge(tar().file("a/b/file", "1").entry('5', "a/c/", "").end());
        for (Path directory : List.of(tree, tree.resolve("a"), tree.resolve("a/b"))) {
            assertThat(Files.getLastModifiedTime(directory)).isEqualTo(FileTime.fromMillis(0));
        }
        assertThat(Files.getLastModifiedTime(tree.resolve("a/c"))).isEqualTo(FileTime.fromMillis(1000));
    }

    @Test
    void aLayerOfAnotherContentIsRefused() throws IOException {
        byte[] layer = tar().file("a", "1").end();
        try (MergedLayers merged = MergedLayers.open(tree, Fidelity.AS_FAR_AS_ALLOWED, 1000)) {
            assertThatThrownBy(() ->
                            merged.apply(() -> new ByteArrayInputStream(layer), new DiffId(Digest.of(new byte[] {1}))))
                    .isInstanceOf(InvalidLayer.class)
                    .hasMessageContaining("as the image's config says");
        }
    }

    @Test
    void moreBytesThanAllowedAreRefused() {
        byte[] layer = tar().file("a", "x".repeat(600)).end();
        byte[] other = tar().file("b", "x".repeat(600)).end();
        assertThatThrownBy(() -> merge(layer, other))
                .isInstanceOf(InvalidLayer.class)
                .hasMessage("The layers hold more than 1000 bytes.");
    }
}
