package build.kiln.builder.dockerfile.lint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.lint.LintFacts.IgnoredPaths;
import build.kiln.builder.dockerfile.parser.LineRange;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinterTest {

    private static final BaseFacts BASE =
            new BaseFacts(Map.of("PATH", "/bin"), List.of("/bin/bash", "-c"), "linux/amd64", List.of());

    private static LintFacts facts(@Nullable BaseFacts base, @Nullable Set<Integer> stages) {
        return new LintFacts(
                Map.of(),
                Map.of("TARGETPLATFORM", "linux/amd64"),
                (image, platform) -> base,
                IgnoredPaths.NONE,
                stages);
    }

    private static List<LintWarning> lint(String text) {
        return lint(text, facts(BASE, null));
    }

    private static List<LintWarning> lint(String text, LintFacts facts) {
        Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text.getBytes(UTF_8));
        return Linter.lint(dockerfile, facts, CheckOptions.of(dockerfile));
    }

    private static List<Rule> rules(List<LintWarning> warnings) {
        return warnings.stream().map(LintWarning::rule).toList();
    }

    @Test
    void warningsComeInTheOrderOfLinesEachOnce() {
        assertThat(lint("FROM a AS B\nENV X=$NO Y=$NO\nWORKDIR z\n"))
                .containsExactly(
                        new LintWarning(
                                Rule.StageNameCasing,
                                new LineRange(1, 1),
                                "The stage's name \"B\" has capital letters, and is \"b\" wherever it is used."
                                        + " Write it so."),
                        new LintWarning(
                                Rule.UndefinedVar,
                                new LineRange(2, 2),
                                "No ENV or ARG above sets \"$NO\". Set it, or remove it here."),
                        new LintWarning(
                                Rule.WorkdirRelativePath,
                                new LineRange(3, 3),
                                "\"z\" is relative to whatever directory the base image has. Write an absolute path."));
    }

    @Test
    void aRuleIsSkippedForTheFileOrForOneInstruction() {
        assertThat(rules(lint("FROM a\nMAINTAINER x\nMAINTAINER y\n")))
                .containsExactly(Rule.MaintainerDeprecated, Rule.MaintainerDeprecated);
        assertThat(lint("# check=skip=MaintainerDeprecated\nFROM a\nMAINTAINER x\n"))
                .isEmpty();
        assertThat(lint("# check=skip=all\nFROM a\nMAINTAINER x\n")).isEmpty();
        assertThat(lint("FROM a\n# check=skip=MaintainerDeprecated\nMAINTAINER x\nMAINTAINER y\n"))
                .extracting(warning -> warning.lines().first())
                .containsExactly(4);
    }

    @Test
    void aMisspeltVariableIsCorrected() {
        assertThat(lint("FROM a\nARG NAME=x\nUSER $NAMES\n"))
                .extracting(LintWarning::message)
                .containsExactly("No ENV or ARG above sets \"$NAMES\". Did you mean \"NAME\"?");
    }

    @Test
    void variablesComeFromTheStageBelowAndTheBaseImage() {
        assertThat(lint("FROM a AS one\nENV X=/x\nARG Y\nFROM one\nCOPY $X $Y/$PATH/\n"))
                .isEmpty();
    }

    @Test
    void withoutTheBaseImageNothingIsUndefined() {
        assertThat(lint("FROM a\nUSER $ANY\n", facts(null, null))).isEmpty();
    }

    @Test
    void onlyTheStagesThatAreBuiltAreLookedInto() {
        String text = "FROM a AS one\nWORKDIR x\nFROM a\nWORKDIR y\n";
        assertThat(lint(text, facts(BASE, Set.of(1))))
                .extracting(warning -> warning.lines().first())
                .containsExactly(4);
    }

    @Test
    void aBaseImagesShellAndTriggersCount() {
        assertThat(lint("FROM a\nCMD run\n")).isEmpty();
        BaseFacts withTrigger = new BaseFacts(Map.of(), List.of(), "linux/amd64", List.of("WORKDIR x"));
        assertThat(lint("FROM a\n", facts(withTrigger, null)))
                .extracting(LintWarning::rule)
                .containsExactly(Rule.WorkdirRelativePath);
    }

    @Test
    void aBrokenFileIsCheckedUpToWhereItIs() {
        byte[] text = "FROM a AS B\nMAINTAINER x\nBADCMD\n".getBytes(UTF_8);
        Linter.Report report = Linter.check("Dockerfile", text, facts(BASE, null), null);
        assertThat(rules(report.warnings())).containsExactly(Rule.StageNameCasing, Rule.MaintainerDeprecated);
        assertThat(report.failure()).hasMessageStartingWith("Dockerfile:3: There is no instruction \"BADCMD\".");
    }

    @Test
    void theBuildArgumentTakesTheDirectivesPlace() {
        byte[] text = "# check=skip=all\nFROM a\nMAINTAINER x\n".getBytes(UTF_8);
        assertThat(Linter.check("Dockerfile", text, facts(BASE, null), "").warnings())
                .hasSize(1);
        assertThat(CheckOptions.ofBuildArg("skip=A;error=true").failsOnWarnings())
                .isTrue();
    }

    @Test
    void optionsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> lint("# check=skipp=all\nFROM a\n"))
                .hasMessage("Dockerfile:1: The check directive has \"skipp=all\", and knows skip, experimental and"
                        + " error. Write it without blanks, for example:"
                        + " # check=skip=JSONArgsRecommended;error=true");
        assertThatThrownBy(() -> CheckOptions.ofBuildArg("error=maybe"))
                .hasMessage("Build argument BUILDKIT_DOCKERFILE_CHECK: The value \"error=maybe\" has error=maybe, which"
                        + " is neither true nor false. Write it as skip=RULE,RULE;experimental=RULE;error=true.");
    }

    @Test
    void namesOfImagesAreTold() {
        for (String valid : List.of(
                "a",
                "a/b_c/d-e.f",
                "host.example:5000/a:1.0_B",
                "localhost/a",
                "a@sha256:" + "0".repeat(64),
                "[::1]:5/a")) {
            assertThat(ImageName.isValid(valid)).as(valid).isTrue();
        }
        for (String invalid : List.of("", "a:", "A", "a//b", "a/", "-a", "a@", "a@sha256:xyz", "a b", "0".repeat(64))) {
            assertThat(ImageName.isValid(invalid)).as(invalid).isFalse();
        }
    }
}
