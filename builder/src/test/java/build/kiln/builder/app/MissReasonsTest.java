package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole builds say why a step was not in the cache.
class MissReasonsTest {

    @TempDir
    private Path own;

    private Path context;

    @BeforeEach
    void makeContext() throws IOException {
        context = own.resolve("context");
        Files.createDirectories(context.resolve("src"));
        write("Dockerfile", """
                FROM scratch
                ARG VERSION=1.1
                COPY src/ /src/
                COPY notes-$VERSION.txt /notes.txt
                WORKDIR /work
                """);
        write("src/main.c", "int main;");
        write("src/other.c", "");
        write("notes-1.1.txt", "one");
        write("notes-1.2.txt", "two");
    }

    @Test
    void aFirstBuildHasNothingToCompareWithAndTheSecondMissesNothing() throws IOException {
        assertThat(misses(build())).isEmpty();
        assertThat(misses(build())).isEmpty();
    }

    @Test
    void theFileThatChangedIsNamedAndTheStepsAfterItNameTheStep() throws IOException {
        build();
        write("src/main.c", "int main();");
        assertThat(misses(build()))
                .containsExactly(
                        "MISS src/main.c changed",
                        "MISS the step before it changed (COPY src/ /src/)",
                        "MISS the step before it changed (COPY src/ /src/)");
    }

    @Test
    void filesThatComeAndGoAreNamed() throws IOException {
        build();
        write("src/new.c", "");
        Files.delete(context.resolve("src/other.c"));
        assertThat(misses(build())).first().isEqualTo("MISS 2 files changed: src/new.c (new) and src/other.c (gone)");
    }

    @Test
    void anArgumentThatNamesAnotherFileShowsTheInstructionThatWas() throws IOException {
        build();
        assertThat(misses(build("--build-arg", "VERSION=1.2")))
                .first()
                .isEqualTo("MISS the instruction was COPY notes-1.1.txt /notes.txt");
    }

    @Test
    void anInstructionThatWasPutInIsNew() throws IOException {
        build();
        write(
                "Dockerfile",
                Files.readString(context.resolve("Dockerfile")).replace("WORKDIR", "WORKDIR /new\nWORKDIR"));
        assertThat(misses(build()))
                .containsExactly("MISS the instruction is new", "MISS the step before it changed (WORKDIR /new)");
    }

    @Test
    void noCacheIsAReason() throws IOException {
        build();
        assertThat(misses(build("--no-cache"))).contains("MISS --no-cache").containsOnly("MISS --no-cache");
    }

    @Test
    void aLayerThatIsGoneIsSaid() throws IOException {
        build();
        empty("blobs/sha256");
        assertThat(misses(build())).first().isEqualTo("MISS the layer of its record is gone from the volume");
    }

    @Test
    void aRecordThatIsGoneIsSaid() throws IOException {
        build();
        empty("steps");
        assertThat(misses(build())).first().isEqualTo("MISS its record is gone from the volume");
    }

    @Test
    void comparedIsWithTheLastBuildAlsoIfThatWasCachedAsAWhole() throws IOException {
        build();
        write("src/main.c", "int main();");
        build();
        write("src/main.c", "int main;");
        assertThat(misses(build()))
                .as("a build of the first content, all cached")
                .isEmpty();
        write("src/main.c", "int third;");
        write("src/other.c", "third");
        assertThat(misses(build())).first().isEqualTo("MISS 2 files changed: src/main.c and src/other.c");
    }

    @Test
    void theManualShowsIt() throws IOException {
        build();
        write("src/main.c", "int main();");
        String shown = build().err()
                .lines()
                .filter(line -> line.matches("#[0-9]+ (\\[1/3].*|MISS.*)"))
                .limit(2)
                .map(line -> line.replaceFirst("#[0-9]+", "#5"))
                .collect(Collectors.joining("\n"));
        assertThat(Files.readString(Path.of("../docs/cache.md"))).contains("```\n" + shown + "\n#5 DONE");
    }

    @Test
    void programsGetTheReasonAsAField() throws IOException {
        build();
        write("src/main.c", "int main();");
        assertThat(build("--progress", "json").err()).contains("\"missReason\":\"src/main.c changed\"");
    }

    private static List<String> misses(LocalRuns.Ended ended) {
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended.err()
                .lines()
                .filter(line -> line.matches("#[0-9]+ MISS .*"))
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    private LocalRuns.Ended build(String... flags) {
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve("cache").toString()));
        all.addAll(List.of(flags));
        all.add(context.toString());
        return LocalRuns.run(own, all.toArray(String[]::new));
    }

    private void empty(String room) throws IOException {
        try (Stream<Path> files = Files.list(own.resolve("cache").resolve(room))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(context.resolve(name), text);
    }
}
