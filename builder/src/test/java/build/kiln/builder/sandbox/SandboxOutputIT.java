package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.sandbox.ExitStatus.Ending;
import build.kiln.builder.sandbox.SandboxMount.Access;
import build.kiln.builder.snapshot.RootFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a process reads and prints, and how it ends.
@InNamespaces
class SandboxOutputIT extends SandboxTests {

    @Test
    void stdinIsGivenOrEmpty() throws Exception {
        assertThat(run(ProcessSpec.of(List.of("sh"), List.of(), "/").withStdin("echo one\necho two\n"))
                        .out())
                .containsExactly("one", "two");
        assertThat(lines("cat | wc -c")).containsExactly("0");
    }

    @Test
    void exitStatusIsTheProcesssOwn() throws Exception {
        for (int code : new int[] {0, 1, 42, 126, 127, 137, 255}) {
            ExitStatus status = run("exit " + code).status();
            assertThat(status.code()).isEqualTo(code);
            assertThat(status.ending()).isEqualTo(Ending.EXITED);
        }
    }

    @Test
    void signalOfAChildIsSeenAsItsShellSeesIt() throws Exception {
        assertThat(run("sh -c 'kill -9 $$'; exit $?").status().code()).isEqualTo(137);
        assertThat(run("sh -c 'kill -TERM $$'; exit $?").status().code()).isEqualTo(143);
    }

    @Test
    void missingShellIsStatus127() throws Exception {
        Result result = run(ProcessSpec.of(List.of("/bin/bash", "-c", "true"), List.of(), "/"));
        assertThat(result.status().code()).isEqualTo(127);
        assertThat(result.status().ending()).isEqualTo(Ending.NOT_STARTED);
        assertThat(result.error()).containsExactly("There is no /bin/bash in the image.");
        assertThat(result.out()).isEmpty();
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void programsThatCannotStartSayWhy() throws Exception {
        Path files = Files.createDirectory(folder.resolve("programs"));
        Files.writeString(files.resolve("garbage"), "\u0001\u0002\u0003");
        Files.writeString(files.resolve("script"), "#!/no/such/interpreter\n");
        Files.writeString(files.resolve("text"), "#!/bin/sh\n");
        Files.setAttribute(files.resolve("garbage"), "unix:mode", 0755);
        Files.setAttribute(files.resolve("script"), "unix:mode", 0755);
        assertThat(startError(files, "no-such-tool"))
                .isEqualTo("127 There is no program \"no-such-tool\" in the folders of PATH in the image.");
        assertThat(startError(files, "/p/garbage"))
                .isEqualTo(
                        "126 /p/garbage is neither a program for this machine nor a script with #! in its first line.");
        assertThat(startError(files, "/p/script"))
                .isEqualTo(
                        "127 /p/script needs an interpreter or a dynamic loader that is not in the image: look at its"
                                + " first line or at what it is linked with.");
        assertThat(startError(files, "/p/text"))
                .isEqualTo("126 /p/text cannot be executed (Permission denied): it is a directory, or this user may not"
                        + " execute it.");
        assertThat(startError(files, "/p"))
                .isEqualTo(
                        "126 /p cannot be executed (Operation not permitted): it is a directory, or this user may not"
                                + " execute it.");
    }

    private static String startError(Path files, String program) throws Exception {
        Result result = run(ProcessSpec.of(List.of(program), List.of(), "/")
                .withMounts(List.of(new SandboxMount.Bind(files, "/p", Access.READ_ONLY))));
        assertThat(result.status().ending()).as(result.toString()).isEqualTo(Ending.NOT_STARTED);
        return result.status().code() + " " + String.join("\n", result.error());
    }

    @Test
    void lineThatLooksLikeAStartErrorIsNotLost() throws Exception {
        Result result = run("echo 'open executable: this is mine' >&2; echo out; exit 3");
        assertThat(result.error()).containsExactly("open executable: this is mine");
        assertThat(result.out()).containsExactly("out");
        assertThat(result.status().code()).isEqualTo(3);
    }

    @Test
    void manyLinesArriveInOrder() throws Exception {
        List<String> expected =
                IntStream.rangeClosed(1, 100_000).mapToObj(Integer::toString).toList();
        assertThat(lines("seq 1 100000")).isEqualTo(expected);
    }

    @Test
    void linesArriveWhileTheProcessRuns() throws Exception {
        Path gate = Files.createDirectory(folder.resolve("gate"));
        ProcessSpec spec = shell("echo first; while [ ! -e /gate/open ]; do sleep 0.02; done; echo second")
                .withMounts(List.of(new SandboxMount.Bind(gate, "/gate", Access.READ_ONLY)));
        List<String> seen = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            ExitStatus status = sandbox.run(
                    root,
                    spec,
                    (stream, line) -> {
                        seen.add(new String(line, StandardCharsets.UTF_8));
                        createQuietly(gate.resolve("open"));
                    },
                    LONG);
            assertThat(status.succeeded()).isTrue();
        }
        assertThat(seen).containsExactly("first", "second");
    }

    private static void createQuietly(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void endlessLineComesInPieces() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            sandbox.run(
                    root,
                    shell("head -c 1000000 /dev/zero; printf '\\377\\r\\nlast'"),
                    (stream, line) -> sizes.add(line.length),
                    LONG);
        }
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1_000_000 + 2 + 4);
        assertThat(sizes)
                .allMatch(size -> size <= OutputSink.MAX_LINE_BYTES)
                .last()
                .isEqualTo(4);
    }

    @Test
    void sinkThatThrowsEndsTheRunWithItsFailure() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            assertThatThrownBy(() -> sandbox.run(
                            root,
                            shell("echo x"),
                            (stream, line) -> {
                                throw new IllegalStateException("the terminal is gone");
                            },
                            LONG))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the terminal is gone");
        }
    }
}
