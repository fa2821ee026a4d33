package build.kiln.local.rungs;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.local.rungs.WeakPod.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What docs/security.md says of each rung is true: real RUNs try it, on a builder in a container that gives no
/// more than such a pod.
class RungsIT {

    private static final Path PAGE = Path.of("..", "docs", "security.md");
    private static final Path CASE = Path.of("src/test/resources/build/kiln/local/rungs");
    private static final Pattern ANSWER = Pattern.compile("#\\d+ [\\d.]+ (.*): (yes|no)");

    @TempDir
    Path folder;

    @BeforeEach
    void makeContext() throws IOException {
        WeakPod.assumePossible();
        WeakPod.open(folder);
        Path context = folder.resolve("context");
        Files.createDirectories(context.resolve("empty"));
        for (String file : List.of("Dockerfile", "passwd", "attack", "leave", "look-back")) {
            Files.copy(CASE.resolve(file), context.resolve(file));
        }
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
    }

    private List<String> build(Kind kind, String... more) throws Exception {
        Path own = Files.createDirectory(folder.resolve(kind.name()));
        List<String> arguments =
                new java.util.ArrayList<>(List.of("build", "--progress=plain", "--cache-dir=/kiln/cache"));
        arguments.addAll(List.of("--output=type=cacheonly", "/kiln/context"));
        arguments.addAll(List.of(more));
        return new WeakPod(own, kind).kiln(folder.resolve("context"), arguments.toArray(String[]::new));
    }

    /// The page's table: for each rung what a RUN can.
    private static Map<String, String> table(String rung) throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        int start = lines.indexOf("| can a RUN … | `userns` | `nested` | `chroot` |");
        assertThat(start).as("the table is in %s", PAGE).isPositive();
        int column = List.of("userns", "nested", "chroot").indexOf(rung) + 2;
        Map<String, String> all = new LinkedHashMap<>();
        for (String line : lines.subList(start + 2, lines.size())) {
            if (!line.startsWith("|")) {
                return all;
            }
            String[] cells = line.split("\\s*\\|\\s*");
            all.put(cells[1], cells[column]);
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"UNMASKED, userns", "DEFAULT, nested", "RUNTIME_DEFAULT, chroot"})
    void aRunCanWhatThePageSays(Kind kind, String rung) throws Exception {
        List<String> lines = build(kind, "--min-isolation=" + rung);
        Map<String, String> answers = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher answer = ANSWER.matcher(line);
            if (answer.matches()) {
                answers.put(answer.group(1), answer.group(2));
            }
        }
        assertThat(answers).as(String.join("\n", lines)).isEqualTo(table(rung));
        assertThat(lines).noneMatch(line -> line.contains("hidden-in-"));
    }

    @Test
    void aPodThatAllowsNothingRefusesTheFirstRunByItsLineWithTheReasons() throws Exception {
        assertThat(build(Kind.RESTRICTED))
                .last()
                .asString()
                .startsWith("ERROR: IsolationUnavailable: Dockerfile:3: A RUN cannot be isolated here.")
                .contains("the seccomp profile of this container refuses a user namespace")
                .contains("The builder is user 1000, and only root may change the root of a process.");
    }

    @Test
    void anOrdinaryUserDoesNotCopyTheFilesOfOthersAsItsOwn() throws Exception {
        Path dockerfile = folder.resolve("context/Dockerfile");
        Files.writeString(dockerfile, """
                FROM scratch AS one
                COPY passwd /passwd
                COPY --chown=5:6 passwd /theirs
                FROM scratch
                COPY --from=one /passwd /
                """);
        assertThat(build(Kind.RESTRICTED))
                .last()
                .asString()
                .startsWith(
                        "ERROR: IsolationUnavailable: The files of stage \"one\" cannot be read as they are: /theirs"
                                + " belongs to 5:6, and the builder, which is user 1000, cannot make such a file.");
    }

    @Test
    void lessThanTheMinimumEndsTheBuildBeforeItsFirstStep() throws Exception {
        List<String> lines = build(Kind.RUNTIME_DEFAULT, "--min-isolation=nested");
        assertThat(lines)
                .last()
                .asString()
                .startsWith(
                        "ERROR: IsolationUnavailable: --min-isolation: the build has to have the isolation \"nested\""
                                + " or better, and here it would have \"chroot\". userns: the seccomp profile of this container"
                                + " refuses a user namespace");
        assertThat(lines).noneMatch(line -> line.contains("COPY"));
    }
}
