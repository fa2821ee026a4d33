package build.kiln.builder.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.parser.Keyword;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// `docs/dockerfile.md` says what is so.
class ManualTest {

    /// An example, and the error that it leads to if one follows.
    private static final Pattern EXAMPLE =
            Pattern.compile("```dockerfile\n(.*?)```\n(?:```text\n(.*?)\n```\n)?", Pattern.DOTALL);

    private static final Pattern FLAGS = Pattern.compile("\\| (`[A-Z`, ]+`) \\| (?:`(--.*)`|none) \\|");

    private static String page() {
        try {
            return Files.readString(Path.of("..", "docs", "dockerfile.md"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> examplesAreReadOrRefusedAsThePageSays() {
        return EXAMPLE.matcher(page())
                .results()
                .map(example -> DynamicTest.dynamicTest(
                        example.group(1).lines().findFirst().orElse(""),
                        () -> check(example.group(1), example.group(2))));
    }

    private static void check(String text, String error) {
        if (error == null) {
            assertThat(Dockerfile.parse("Dockerfile", text.getBytes(UTF_8)).stages())
                    .isNotEmpty();
        } else {
            assertThatThrownBy(() -> Dockerfile.parse("Dockerfile", text.getBytes(UTF_8)))
                    .isInstanceOf(DockerfileFailure.class)
                    .hasMessage(error);
        }
    }

    @Test
    void tableOfFlagsIsThatOfTheParser() {
        int rows = 0;
        Matcher row = FLAGS.matcher(page());
        while (row.find()) {
            rows++;
            List<String> flags =
                    row.group(2) == null ? List.of() : List.of(row.group(2).split(" "));
            for (String name : row.group(1).replace("`", "").split(", ")) {
                assertThat(flagsOf(Keyword.valueOf(name))).as(name).containsExactlyInAnyOrderElementsOf(flags);
            }
        }
        assertThat(rows).isEqualTo(6);
    }

    /// What the parser lists when it refuses a flag that is far from any.
    private static List<String> flagsOf(Keyword keyword) {
        String rest = keyword == Keyword.HEALTHCHECK ? "CMD a" : "a=b c=d";
        String line = keyword == Keyword.FROM ? "FROM --nonsense a" : "FROM a\n" + keyword + " --nonsense " + rest;
        try {
            Dockerfile.parse("Dockerfile", line.getBytes(UTF_8));
        } catch (DockerfileFailure e) {
            return Pattern.compile("--[a-z-]+[a-z]")
                    .matcher(e.advice().replaceFirst("^Remove it.*", ""))
                    .results()
                    .map(found -> found.group())
                    .toList();
        }
        throw new AssertionError(keyword + " takes any flag");
    }

    @Test
    void exampleOfDockerignoreDoesWhatThePageSays() {
        Matcher example =
                Pattern.compile("```dockerignore\n(.*?)```", Pattern.DOTALL).matcher(page());
        assertThat(example.find()).isTrue();
        DockerIgnore rules = IgnoreFile.parse(".dockerignore", example.group(1).getBytes(UTF_8));
        assertThat(rules.ignores("web/node_modules/x")).isTrue();
        assertThat(rules.ignores("CHANGES.md")).isTrue();
        assertThat(rules.ignores("README.md")).isFalse();
        assertThat(rules.ignores("web/index.md")).isFalse();
    }
}
