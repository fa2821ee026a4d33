package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A build that reads a cache volume and writes its own entries elsewhere, as one of a pull request does.
@InNamespaces
class ReadOnlyCacheIT {

    @TempDir
    private Path own;

    @Test
    void whatIsReadIsHitAndStaysAsItIsAndWhatIsMadeIsForOneselfOnly() throws Exception {
        Path shared = own.resolve("shared");
        Path mine = own.resolve("mine");
        Path trusted = context("trusted", "RUN echo trusted > /file\nRUN cat /file > /copy\n");
        Path request = context("request", "RUN echo trusted > /file\nRUN echo changed > /copy\n");
        build("--cache-dir", shared.toString(), trusted.toString());
        List<String> before = entries(shared);

        String first = build("--cache-dir", mine.toString(), "--cache-read-dir", shared.toString(), request.toString());
        String retry = build("--cache-dir", mine.toString(), "--cache-read-dir", shared.toString(), request.toString());
        assertThat(ends(first)).containsExactly("CACHED", "CACHED", "CACHED", "DONE");
        assertThat(ends(retry)).containsExactly("CACHED", "CACHED", "CACHED", "CACHED");
        assertThat(retry.substring(retry.lastIndexOf("sha256:")))
                .isEqualTo(first.substring(first.lastIndexOf("sha256:")));
        assertThat(entries(shared)).isEqualTo(before);

        String other = build("--cache-dir", shared.toString(), request.toString());
        assertThat(ends(other)).as("nobody else takes it").containsExactly("CACHED", "CACHED", "CACHED", "DONE");
    }

    @Test
    void aFolderWithoutACacheIsRefusedAndNotMadeOne() throws Exception {
        Path nothing = own.resolve("nothing");
        try (BuilderProcess process = BuilderProcess.start(
                own.resolve("log"),
                "--cache-dir",
                own.resolve("mine").toString(),
                "--cache-read-dir",
                nothing.toString(),
                context("context", "").toString())) {
            assertThat(process.process().waitFor()).isEqualTo(1);
            assertThat(process.text())
                    .endsWith(
                            "ERROR: RequestInvalid: --cache-read-dir " + nothing
                                    + ": there is no cache in this folder. Name the folder that \"kiln build --cache-dir\" had.\n");
            assertThat(nothing).doesNotExist();
        }
    }

    private Path context(String name, String runs) throws IOException {
        return BusyboxContext.make(own.resolve(name), BusyboxContext.START + runs);
    }

    private String build(String... arguments) throws IOException, InterruptedException {
        try (BuilderProcess process = BuilderProcess.start(own.resolve("log"), arguments)) {
            return process.succeeded();
        }
    }

    /// How the four steps ended.
    private static List<String> ends(String output) {
        List<String> ends = new ArrayList<>();
        for (int step = 1; step <= 4; step++) {
            String title = "#[0-9]+ \\[(?:stage-0 )?" + step + "/4] .*";
            String number = output.lines()
                    .filter(line -> line.matches(title))
                    .map(line -> line.split(" ", -1)[0])
                    .findFirst()
                    .orElseThrow();
            ends.add(output.lines()
                    .filter(line -> line.matches(number + " (CACHED|DONE .*|ERROR.*)"))
                    .map(line -> line.split(" ", -1)[1])
                    .findFirst()
                    .orElseThrow());
        }
        return ends;
    }

    private static List<String> entries(Path cache) throws IOException {
        List<String> all = new ArrayList<>();
        for (String room : List.of("steps", "layers", "blobs", "mounts")) {
            try (Stream<Path> files = Files.walk(cache.resolve(room))) {
                files.sorted().forEach(file -> all.add(cache.relativize(file).toString()));
            }
        }
        return all;
    }
}
