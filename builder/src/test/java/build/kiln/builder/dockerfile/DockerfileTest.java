package build.kiln.builder.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.instruction.CommandLine.ShellForm;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Fault;
import org.junit.jupiter.api.Test;

class DockerfileTest {

    private static Dockerfile parse(String text) {
        return Dockerfile.parse("app/Dockerfile", text.getBytes(UTF_8));
    }

    @Test
    void aFailureNamesFileLineAndText() {
        assertThatThrownBy(() -> parse("FROM a\n\n  RUNN make\n"))
                .isInstanceOfSatisfying(DockerfileFailure.class, failure -> {
                    assertThat(failure.line()).isEqualTo(3);
                    assertThat(failure.lineText()).isEqualTo("  RUNN make");
                    assertThat(failure.place()).isEqualTo("app/Dockerfile:3");
                    assertThat(failure.fault()).isEqualTo(Fault.USER);
                })
                .hasMessage("app/Dockerfile:3: There is no instruction \"RUNN\". Did you mean \"RUN\"?");
    }

    @Test
    void aWordThatCannotBeExpandedFailsAtItsInstruction() {
        Dockerfile dockerfile = parse("FROM a\nENV A=${B\n");
        Instruction.Env env =
                (Instruction.Env) dockerfile.stages().getFirst().instructions().getFirst();
        assertThatThrownBy(() ->
                        dockerfile.expand(env.origin(), env.pairs().getFirst().value(), Environment.empty()))
                .isInstanceOf(DockerfileFailure.class)
                .hasMessage("app/Dockerfile:2: \"${B\" cannot be expanded: there is no \"}\" that ends its ${.");
    }

    @Test
    void aTriggerTakesThePlaceOfTheFromThatBringsIt() {
        Origin from = parse("ARG A=1\nFROM base\n").stages().getFirst().origin();
        Instruction.Run run = (Instruction.Run) Dockerfile.parseTrigger(from, "RUN <<EOF\nmake\nEOF");
        assertThat(run.origin().place()).isEqualTo("app/Dockerfile:2");
        assertThat(run.origin().text()).isEqualTo("RUN <<EOF");
        assertThat(((ShellForm) run.command()).heredocs().getFirst().content()).isEqualTo("make\n");
    }

    @Test
    void aTriggerThatIsNoInstructionIsRefused() {
        Origin from = parse("FROM base\n").stages().getFirst().origin();
        assertThatThrownBy(() -> Dockerfile.parseTrigger(from, "RUN a\nRUN b"))
                .hasMessage(
                        "app/Dockerfile:1: The base image has an ONBUILD trigger that cannot be run (\"RUN a\nRUN b\"):"
                                + " It is 2 instructions. Build from another image, or ask its author to correct it.");
        assertThatThrownBy(() -> Dockerfile.parseTrigger(from, "FROM other")).isInstanceOf(DockerfileFailure.class);
        assertThatThrownBy(() -> Dockerfile.parseTrigger(from, "MAKE")).isInstanceOf(DockerfileFailure.class);
    }

    @Test
    void aLineMayHave64KiB() {
        String fits = "FROM a\nRUN " + "x".repeat(65_536 - 5) + "\n";
        assertThat(parse(fits).stages()).hasSize(1);
        assertThatThrownBy(() -> parse("FROM a\nRUN " + "x".repeat(65_536 - 4) + "\n"))
                .hasMessage("app/Dockerfile:2: The line is 65537 bytes long, and a line may have 65536."
                        + " Divide it with continuations, or copy its text from a file.");
    }

    @Test
    void bytesThatAreNoUtf8AreNotFatal() {
        byte[] text = "FROM a\nRUN x?y\n".getBytes(UTF_8);
        text[12] = (byte) 0xFF;
        Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text);
        assertThat(dockerfile.stages().getFirst().instructions()).hasSize(1);
    }

    @Test
    void directivesHaveValues() {
        assertThat(parse("# syntax=docker/dockerfile:1\nFROM a").directive("syntax"))
                .isEqualTo("docker/dockerfile:1");
        assertThat(parse("FROM a").directive("syntax")).isEmpty();
    }

    @Test
    void stagesAreDescribedByTheCommentAbove() {
        assertThat(parse("# web serves pages\nFROM a AS Web\n")
                        .stages()
                        .getFirst()
                        .description())
                .isEqualTo("serves pages");
        assertThat(parse("# about nothing\nFROM a AS web\n").stages().getFirst().description())
                .isEmpty();
    }
}
