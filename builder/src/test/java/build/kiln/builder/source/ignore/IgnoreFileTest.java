package build.kiln.builder.source.ignore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.source.DockerIgnore;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class IgnoreFileTest {

    private static DockerIgnore rules(String... lines) {
        return IgnoreFile.parse(".dockerignore", String.join("\n", lines).getBytes(UTF_8));
    }

    @Test
    void theRuleThatLeavesAPathOutIsNamedWithItsLine() {
        DockerIgnore rules = rules("# build output", "target", "", "mvnw*");
        assertThat(rules.ruleFor("mvnw")).isEqualTo(new DockerIgnore.Rule(".dockerignore", 4, "mvnw*"));
        assertThat(rules.ruleFor("target/classes/A.class"))
                .isEqualTo(new DockerIgnore.Rule(".dockerignore", 2, "target"));
        assertThat(rules.ruleFor("src/mvnw")).isNull();
    }

    @Test
    void aFolderThatIsLeftOutTakesAllBelowWithIt() {
        assertThat(rules("docs").ignores("docs/a/b/c.md")).isTrue();
    }

    @Test
    void anExceptionTakesBackIn() {
        DockerIgnore rules = rules("docs", "!docs/README.md");
        assertThat(rules.ignores("docs/README.md")).isFalse();
        assertThat(rules.ignores("docs/other.md")).isTrue();
    }

    @Test
    void theLastLineThatMatchesDecides() {
        DockerIgnore rules = rules("*.md", "!README*.md", "README-secret.md");
        assertThat(rules.ignores("README.md")).isFalse();
        assertThat(rules.ruleFor("README-secret.md"))
                .isEqualTo(new DockerIgnore.Rule(".dockerignore", 3, "README-secret.md"));
    }

    @Test
    void aFolderIsSkippedUnlessAnExceptionBelowItIsPossible() {
        assertThat(rules("node_modules").mayKeepBelow("node_modules")).isFalse();
        assertThat(rules("*", "!src/main/**").mayKeepBelow("src")).isTrue();
        assertThat(rules("*", "!src/main/**").mayKeepBelow("target")).isFalse();
        assertThat(rules("*", "!*/keep.txt").mayKeepBelow("any")).isTrue();
        assertThat(rules("*", "!**/keep.txt").mayKeepBelow("any/where")).isTrue();
        assertThat(rules("*", "!*.go").mayKeepBelow("any")).isFalse();
        assertThat(rules("*", "!any").mayKeepBelow("any/thing")).isFalse();
    }

    @Test
    void anExceptionAboveTheRuleThatDecidesCannotKeepAnything() {
        assertThat(rules("!docs/README.md", "docs").mayKeepBelow("docs")).isFalse();
    }

    @Test
    void theContextsRootIsNeverLeftOut() {
        assertThat(rules("**").ignores(".")).isFalse();
        assertThat(rules("**").ignores("")).isFalse();
    }

    @Test
    void byteOrderMarkAndWindowsLineEndsAreNoPartOfThePatterns() {
        DockerIgnore rules = IgnoreFile.parse(".dockerignore", "\uFEFFa\r\n  b  \r\n".getBytes(UTF_8));
        assertThat(rules.ignores("a")).isTrue();
        assertThat(rules.ignores("b")).isTrue();
    }

    @Test
    void excludeFlagsAreRulesToo() {
        DockerIgnore rules = IgnoreFile.ofPatterns("Dockerfile:3", List.of("*.txt", "!keep.txt"));
        assertThat(rules.ignores("a.txt")).isTrue();
        assertThat(rules.ignores("keep.txt")).isFalse();
    }

    @Test
    void patternsOfManyStarsAreMatchedInNoTime() {
        DockerIgnore rules = rules("*a".repeat(200) + "b");
        // The processor's time and not the clock's: a busy machine makes nothing slower that is quick.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();

        assertThat(rules.ignores("a".repeat(4000))).isFalse();

        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void whatIsNoPatternIsRefusedWithItsLine() {
        assertRefused(
                () -> rules("a", "[b"),
                ".dockerignore:2: \"[b\" is not a pattern: a \"[\" has no \"]\"."
                        + " Correct the line, or put a # in front of it.");
        assertRefused(
                () -> rules("!"),
                ".dockerignore:1: \"!\" is not a pattern: there is nothing behind the \"!\"."
                        + " Correct the line, or put a # in front of it.");
        assertRefused(
                () -> rules("a\\"),
                ".dockerignore:1: \"a\\\" is not a pattern: it ends with a backslash."
                        + " Correct the line, or put a # in front of it.");
        assertRefused(
                () -> rules("[-a]"),
                ".dockerignore:1: \"[-a]\" is not a pattern: a \"-\" stands where \"[\" wants a character; write a"
                        + " backslash in front of it. Correct the line, or put a # in front of it.");
        assertRefused(
                () -> rules("[z-a]"),
                ".dockerignore:1: \"[z-a]\" is not a pattern: the range z-a ends before it begins."
                        + " Correct the line, or put a # in front of it.");
        assertRefused(
                () -> rules("c:\\x"),
                ".dockerignore:1: \"c:\\x\" is not a pattern: a backslash stands before \"x\", which stands for"
                        + " itself without one. Correct the line, or put a # in front of it.");
    }

    private static void assertRefused(ThrowingCallable call, String text) {
        assertThatThrownBy(call).isInstanceOf(DockerfileFailure.class).hasMessage(text);
    }
}
