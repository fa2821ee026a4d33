package build.kiln.builder.source.ignore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.LintFacts.IgnoredPaths;
import build.kiln.builder.dockerfile.lint.LintWarning;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.dockerfile.lint.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The manual's page of each rule does what it says.
class LintPagesTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\n(.*?)```", Pattern.DOTALL);

    @ParameterizedTest
    @EnumSource(Rule.class)
    void badExampleWarnsAndGoodExampleDoesNot(Rule rule) throws IOException {
        String page = Files.readString(ROOT.resolve(rule.page()));
        assertThat(page).startsWith("# " + rule + "\n");
        String bad = page.substring(page.indexOf("## Bad"), page.indexOf("## Good"));
        String good = page.substring(page.indexOf("## Good"));
        assertThat(lint(bad)).extracting(LintWarning::rule).contains(rule);
        assertThat(lint(good)).isEmpty();
    }

    @Test
    void thePagesAreListed() throws IOException {
        String rows = Arrays.stream(Rule.values())
                .map(rule ->
                        "| [" + rule + "](" + rule.page().replace("docs/lint/", "") + ") | " + rule.summary() + " |\n")
                .collect(Collectors.joining());
        assertThat(Files.readString(ROOT.resolve("docs/lint/README.md"))).contains(rows);
        try (var files = Files.list(ROOT.resolve("docs/lint"))) {
            assertThat(files).hasSize(Rule.values().length + 1);
        }
    }

    private static List<LintWarning> lint(String section) {
        IgnoredPaths ignored = section.contains("```dockerignore")
                ? IgnoreFile.forLint(".dockerignore", block(section, "dockerignore"))
                : IgnoredPaths.NONE;
        LintFacts facts = new LintFacts(
                Map.of(),
                Map.of("TARGETPLATFORM", "linux/amd64", "BUILDPLATFORM", "linux/amd64"),
                (image, platform) -> new BaseFacts(
                        Map.of("PATH", "/bin"),
                        List.of(),
                        image.contains("arm-only") ? "linux/arm64" : "linux/amd64",
                        List.of()),
                ignored,
                null);
        Linter.Report report = Linter.check("Dockerfile", block(section, "dockerfile"), facts, null);
        assertThat(report.failure()).isNull();
        return report.warnings();
    }

    private static byte[] block(String section, String language) {
        Matcher matcher = BLOCK.matcher(section);
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                return matcher.group(2).getBytes(UTF_8);
            }
        }
        throw new AssertionError("no example in " + language);
    }
}
