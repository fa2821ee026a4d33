package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole builds by the command line: real registry, real namespaces, real overlay.
@InNamespaces
class BuildIT {

    private static final Instant FILES_ARE_OF = Instant.parse("2024-05-06T07:08:09Z");

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;

    @TempDir
    private Path own;

    private Path context;

    private record Ended(int status, String out, String err) {}

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = DockerRegistry.plain(folder);
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(registry.host() + "/base:1"));
        }
    }

    @AfterAll
    static void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void makeContext() throws IOException {
        context = Files.createDirectory(own.resolve("context"));
        write("Dockerfile", """
                FROM %s/base:1 AS build
                ARG NAME=world
                WORKDIR /src
                COPY greeting.txt .
                RUN echo "$(cat greeting.txt), $NAME" > out.txt && rm -r /old && mkdir /old
                FROM %s/base:1
                COPY --from=build --chown=ann /src/out.txt /app/
                RUN chmod 4755 /app/out.txt && rm /old/file && touch /old/new
                ENV LANG=C
                USER ann
                CMD ["cat", "/app/out.txt"]
                """.formatted(registry.host(), registry.host()));
        write("greeting.txt", "hello\n");
    }

    @Test
    void pushesWhatTheDockerfileSays() throws Exception {
        Ended ended = build("-t", registry.host() + "/app:1", "--push");

        assertThat(ended.status()).as(ended.err()).isZero();
        List<String> layers = new ImageValidator(registry.uri()).validate("app", "1");
        assertThat(layers).as("the base, COPY and RUN").hasSize(3);
        assertThat(ended.out().strip()).matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void theRootFileSystemIsWhatTheStepsLeft() throws Exception {
        Path root = own.resolve("root");
        Ended ended = build("--output", "type=local,dest=" + root);

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(root.resolve("app/out.txt")).hasContent("hello, world\n");
        assertThat(Tool.run(root, "stat", "-c", "%a %u:%g", "app/out.txt").strip())
                .isEqualTo("4755 1000:50");
        try (Stream<Path> old = Files.list(root.resolve("old"))) {
            assertThat(old.map(file -> file.getFileName().toString())).containsExactly("new");
        }
    }

    @Test
    void aHeredocBelongsToWhomChownSays() throws Exception {
        write(
                "Dockerfile",
                "FROM " + registry.host() + "/base:1\nCOPY --chown=ann --chmod=600 <<TEXT /owned\nmine\nTEXT\n");
        Path root = own.resolve("root");
        Ended ended = build("--output", "type=local,dest=" + root);

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(Tool.run(root, "stat", "-c", "%a %u:%g", "owned").strip()).isEqualTo("600 1000:50");
    }

    @Test
    void nothingRunsTwiceAndOnlyWhatChangedRunsAgain() throws Exception {
        build("--output", "type=oci,dest=" + own.resolve("one.tar"));
        Ended same = build("--output", "type=oci,dest=" + own.resolve("two.tar"));
        write("greeting.txt", "good morning\n");
        Ended changed = build("--output", "type=oci,dest=" + own.resolve("three.tar"));

        assertThat(same.err()).contains("CACHED").doesNotContain("unpacking");
        assertThat(own.resolve("one.tar")).hasSameBinaryContentAs(own.resolve("two.tar"));
        assertThat(outcome(changed, "[build 2/4] WORKDIR /src")).isEqualTo("CACHED");
        assertThat(outcome(changed, "[build 3/4] COPY greeting.txt .")).startsWith("DONE");
        assertThat(outcome(changed, "[stage-1 2/3] COPY --from=build")).startsWith("DONE");
    }

    @Test
    void whatACopyWritesIsNotReadBackForTheRunAfterIt() throws Exception {
        write(
                "Dockerfile",
                "FROM " + registry.host() + "/base:1\nCOPY greeting.txt /a/\nWORKDIR /a\nRUN cat greeting.txt >copy\n");
        Path root = own.resolve("root");
        Ended ended = build("--output", "type=local,dest=" + root);

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(root.resolve("a/copy")).hasSameTextualContentAs(context.resolve("greeting.txt"));
        assertThat(ended.err().lines().filter(line -> line.contains("[internal] unpacking")))
                .as("only the base is unpacked")
                .hasSize(1);
    }

    @Test
    void aStageThatChangesWithoutChangingItsResultCostsTheOthersNothing() throws Exception {
        build("--output", "type=oci,dest=" + own.resolve("one.tar"));
        write("Dockerfile", Files.readString(context.resolve("Dockerfile")).replace("RUN echo", "RUN true && echo"));
        Ended changed = build("--output", "type=oci,dest=" + own.resolve("two.tar"));

        assertThat(outcome(changed, "[build 4/4] RUN true")).startsWith("DONE");
        assertThat(outcome(changed, "[stage-1 2/3] COPY --from=build")).isEqualTo("CACHED");
    }

    @Test
    void aStageThatIsPutInBeforeCostsTheOthersNothing() throws Exception {
        build("--output", "type=oci,dest=" + own.resolve("one.tar"));
        write(
                "Dockerfile",
                "FROM " + registry.host() + "/base:1 AS unused\nRUN true\n"
                        + Files.readString(context.resolve("Dockerfile"))
                                .replace("AS build", "AS made")
                                .replace("--from=build", "--from=made"));
        Ended changed = build("--output", "type=oci,dest=" + own.resolve("two.tar"));

        assertThat(outcome(changed, "[stage-2 2/3] COPY --from=made")).isEqualTo("CACHED");
        assertThat(own.resolve("one.tar")).hasSameBinaryContentAs(own.resolve("two.tar"));
    }

    @Test
    void equalSourcesGiveTheEqualDigestWhereverAndWheneverTheyAreBuilt() throws Exception {
        Ended first = build("--output", "type=oci,dest=" + own.resolve("one.tar"));
        Path elsewhere = Files.createDirectories(own.resolve("else/where"));
        try (Stream<Path> files = Files.list(context)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Path copy = Files.copy(file, elsewhere.resolve(file.getFileName()));
                Files.setLastModifiedTime(copy, FileTime.from(FILES_ARE_OF));
            }
        }
        context = elsewhere;
        Thread.sleep(1100); // What RUN writes now has another time.
        Ended second = run(
                Map.of("TZ", "Asia/Tokyo", "LANG", "tr_TR.UTF-8"),
                "build",
                "--cache-dir",
                own.resolve("cache-2").toString(),
                "--output",
                "type=oci,dest=" + own.resolve("two.tar"),
                context.toString());

        assertThat(second.status()).as(second.err()).isZero();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(own.resolve("one.tar")).hasSameBinaryContentAs(own.resolve("two.tar"));
    }

    @Test
    void aRunThatFailsSaysWhereAndShowsItsLastLines() throws Exception {
        write("Dockerfile", "FROM " + registry.host() + "/base:1\nRUN echo one; echo two; exit 7\n");
        Ended ended = build("-t", registry.host() + "/failed:1", "--push");

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).contains("------\n > RUN echo one; echo two; exit 7:\none\ntwo\n------\n");
        assertThat(ended.err().replaceAll("after [0-9.]+ s", "after 1.0 s"))
                .endsWith("ERROR: RunFailed: Dockerfile:2: RUN ended with exit status 7 after 1.0 s (stage \"stage-0\","
                        + " step 2 of 2). The last lines of its output say why.\n");
    }

    @Test
    void aWorkdirOverAFileSaysSo() throws Exception {
        write("Dockerfile", "FROM " + registry.host() + "/base:1\nWORKDIR /etc/passwd/here\n");
        Ended ended = build();

        assertThat(ended.err())
                .endsWith("2 | WORKDIR /etc/passwd/here\nERROR: DestinationConflict: Dockerfile:2: WORKDIR"
                        + " \"/etc/passwd/here\" cannot be made: /etc/passwd is there and is not a directory. Choose"
                        + " another directory, or remove what is there in a RUN before.\n");
    }

    @Test
    void aUserThatTheImageDoesNotHaveSaysSo() throws Exception {
        write("Dockerfile", "FROM " + registry.host() + "/base:1\nUSER eve\nRUN true\n");
        Ended ended = build();

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .endsWith("3 | RUN true\nERROR: UserNotFound: Dockerfile:3: There is no user \"eve\" in the image's"
                        + " /etc/passwd. Make one with useradd or adduser before, or give its number.\n");
    }

    /// How the step that starts like this ended.
    private static String outcome(Ended ended, String step) {
        String number = ended.err()
                .lines()
                .filter(line -> line.contains(" " + step))
                .map(line -> line.substring(0, line.indexOf(' ') + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no step " + step + " in\n" + ended.err()));
        return ended.err()
                .lines()
                .filter(line -> line.startsWith(number))
                .map(line -> line.substring(number.length()))
                .filter(line -> line.matches("DONE.*|CACHED|ERROR.*"))
                .findFirst()
                .orElse("");
    }

    private void write(String name, String text) throws IOException {
        Path file = context.resolve(name);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(FILES_ARE_OF));
    }

    private Ended build(String... flags) {
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve("cache").toString()));
        all.addAll(List.of(flags));
        all.add(context.toString());
        return run(Map.of(), all.toArray(String[]::new));
    }

    private Ended run(Map<String, String> more, String... args) {
        Map<String, String> variables = new HashMap<>(Map.of("HOME", own.toString()));
        variables.putAll(more);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        variables,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                args);
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
