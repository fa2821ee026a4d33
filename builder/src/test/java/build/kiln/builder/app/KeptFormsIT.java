package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// In which forms the cache volume keeps the layers that RUNs are made on.
@InNamespaces
@Timeout(60)
class KeptFormsIT {

    private static final String LAST_STAGE = "FROM scratch\nCOPY --from=build /given /given\n";

    @TempDir
    private Path own;

    @Test
    void aCopyThatOnlyARunNeedsIsKeptAsTheDirectoryAlone() throws Exception {
        build("COPY --chown=7:8 Dockerfile /given/\nRUN touch /made\n" + LAST_STAGE);

        assertThat(blobs()).as("that of the last stage").singleElement().satisfies(isOwnedBy("7/8"));
    }

    @Test
    void theTarIsKeptWhereTheDirectoryCannotHaveTheOwner() throws Exception {
        build("COPY --chown=70000:70001 Dockerfile /given/\nRUN touch /made\n" + LAST_STAGE);

        assertThat(blobs()).as("that of the last stage, and the tar").hasSize(2).anySatisfy(isOwnedBy("70000/70001"));
    }

    @Test
    void aRunOnARunIsKeptAsItsBlobAndTheDirectoryThatItLeft() throws Exception {
        build("RUN touch /one\nRUN touch /two && ls /one\n");

        assertThat(blobs()).hasSize(4);
        try (Stream<Path> layers = Files.list(own.resolve("cache/layers/sha256"))) {
            assertThat(layers.filter(layer -> Files.isDirectory(layer.resolve("fs"))))
                    .hasSize(4);
        }
    }

    private void build(String steps) throws IOException {
        String first = BusyboxContext.START.replace("FROM scratch", "FROM scratch AS build");
        Path context = BusyboxContext.make(own.resolve("context"), first + steps);
        LocalRuns.Ended ended = LocalRuns.run(
                own,
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                "-o",
                "type=tar,dest=" + own.resolve("image.tar"),
                context.toString());
        assertThat(ended.status()).as(ended.err()).isZero();
    }

    private ThrowingConsumer<Path> isOwnedBy(String owner) {
        return blob -> assertThat(Tool.run(own, "tar", "--numeric-owner", "-tvf", blob.toString()))
                .contains(" " + owner + " ");
    }

    private List<Path> blobs() throws IOException {
        try (Stream<Path> all = Files.list(own.resolve("cache/blobs/sha256"))) {
            return all.toList();
        }
    }
}
