package build.kiln.bench.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

class LayeredFilesTest {

    private final LayeredFiles files = new LayeredFiles();

    /// Names that end with a slash are directories; all else is a file with its own name in it.
    private void layer(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String name : names) {
                byte[] content = name.endsWith("/") ? new byte[0] : name.getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        files.apply(new ByteArrayInputStream(bytes.toByteArray()));
    }

    @Test
    void aWhiteoutHidesWhatIsBelowIt() throws IOException {
        layer("d/", "d/a", "d/b/", "d/b/c", "e");
        layer("d/", "d/.wh.b", ".wh.e");
        assertThat(files.entries().keySet()).containsExactly("d", "d/a");
    }

    @Test
    void anOpaqueDirectoryHasOnlyItsOwnFiles() throws IOException {
        layer("d/", "d/a", "dd");
        layer("d/", "d/.wh..wh..opq", "d/b");
        assertThat(files.entries().keySet()).containsExactly("d", "d/b", "dd");
    }

    @Test
    void aFileReplacesADirectory() throws IOException {
        layer("d/", "d/a");
        layer("d");
        assertThat(files.entries().keySet()).containsExactly("d");
    }

    @Test
    void treesDifferWhereContentDoes() throws IOException {
        layer("a", "b");
        Tree one = new Tree(files.entries());
        layer("./c", "id");
        Tree other = new Tree(files.entries());
        assertThat(one.differences(other, Set.of("id")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("/c: nothing against file 0644");
        assertThat(one.differences(one, Set.of())).isEmpty();
    }
}
