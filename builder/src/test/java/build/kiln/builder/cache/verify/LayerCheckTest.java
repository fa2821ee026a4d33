package build.kiln.builder.cache.verify;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerCheckTest {

    private static final byte[] LONG = "d".repeat(200).getBytes(StandardCharsets.US_ASCII);

    /// So deep that the path has more than 4096 bytes.
    private static final int DEPTH = 25;

    @TempDir
    private Path own;

    private Path folder;

    @BeforeEach
    void makeLayer() throws IOException {
        folder = Files.createDirectory(own.resolve("fs"));
        Files.writeString(folder.resolve("file"), "text");
        Files.createLink(folder.resolve("second-name"), folder.resolve("file"));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        write(folder, DEPTH, "deep");
    }

    /// The test's own removal goes by path.
    @AfterEach
    void removeLayer() throws IOException {
        try (Directory above = Directory.open(own)) {
            above.removeTree("fs".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aLayerIsWhatItsTableOfContentsSaysHoweverLongItsPathsAre() throws IOException {
        assertThat(new LayerCheck(folder, index()).difference()).isEmpty();
    }

    @Test
    void aChangeIsFoundHoweverDeepItIs() throws IOException {
        LayerIndex index = index();
        write(folder, DEPTH, "peed");
        assertThat(difference(index))
                .startsWith("the content of \"/ddd")
                .endsWith("/file\" is not what it was when it was made");
    }

    @Test
    void aStrangerIsFoundHoweverDeepItIs() throws IOException {
        LayerIndex index = index();
        write(folder, DEPTH + 1, "stranger");
        assertThat(difference(index)).startsWith("\"/ddd").endsWith("/file\" is no part of it");
    }

    @Test
    void aFileThatIsGoneIsFoundAndSoIsAFurtherName() throws IOException {
        LayerIndex index = index();
        Files.delete(folder.resolve("second-name"));
        assertThat(difference(index)).isEqualTo("\"/second-name\" is gone");
        Files.delete(folder.resolve("file"));
        assertThat(difference(index)).isEqualTo("\"/file\" is gone");
    }

    @Test
    void aFileThatHasBecomeALinkIsFound() throws IOException {
        LayerIndex index = index();
        Files.delete(folder.resolve("file"));
        Files.createSymbolicLink(folder.resolve("file"), Path.of("second-name"));
        assertThat(difference(index)).isEqualTo("the content of \"/file\" is not what it was when it was made");
    }

    private String difference(LayerIndex index) throws IOException {
        Optional<String> difference = new LayerCheck(folder, index).difference();
        return difference.orElse("");
    }

    private LayerIndex index() throws IOException {
        try (LayerWriter writer =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.ClampedTo(Instant.EPOCH), List.of())) {
            Changeset.of(folder, OverlayXattrs.USER).writeTo(writer);
            return writer.finish().index();
        }
    }

    /// Writes a file so many directories below.
    private static void write(Path top, int depth, String text) throws IOException {
        try (Directory directory = Directory.open(top)) {
            write(directory, depth, text);
        }
    }

    private static void write(Directory in, int depth, String text) throws IOException {
        if (depth == 0) {
            byte[] name = "file".getBytes(StandardCharsets.US_ASCII);
            if (in.statusIfPresent(name).isPresent()) {
                in.unlink(name);
            }
            try (OpenFile file = in.createFile(name, 0644)) {
                byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
                file.write(bytes, 0, bytes.length);
            }
            return;
        }
        if (in.statusIfPresent(LONG).isEmpty()) {
            in.makeDirectory(LONG, 0755);
        }
        try (Directory below = in.openDirectory(LONG, Resolution.NO_LINKS)) {
            write(below, depth - 1, text);
        }
    }
}
