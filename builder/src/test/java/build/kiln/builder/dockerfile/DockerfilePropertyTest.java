package build.kiln.builder.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.instruction.CommandLine;
import build.kiln.builder.dockerfile.instruction.Instruction;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class DockerfilePropertyTest {

    private static Instruction only(String instruction) {
        List<Instruction> instructions = Dockerfile.parse("Dockerfile", ("FROM a\n" + instruction).getBytes(UTF_8))
                .stages()
                .getFirst()
                .instructions();
        assertThat(instructions).hasSize(1);
        return instructions.getFirst();
    }

    @Property
    void execFormKeepsAnyArguments(@ForAll @Size(max = 8) List<String> args) throws JsonProcessingException {
        // Half of a surrogate pair is no text.
        List<String> texts =
                args.stream().map(arg -> new String(arg.getBytes(UTF_8), UTF_8)).toList();
        Instruction.Cmd cmd = (Instruction.Cmd) only("CMD " + new ObjectMapper().writeValueAsString(texts));
        assertThat(cmd.command()).isEqualTo(new CommandLine.ExecForm(texts));
    }

    @Property
    void heredocsKeepAnyLines(
            @ForAll @Size(max = 8)
                    List<@StringLength(max = 10) @Chars({'a', ' ', '\t', '#', '\\', '<', '$'}) String> lines) {
        String text = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
        Instruction.Run run = (Instruction.Run) only("RUN <<EOF\n" + text + "EOF\n");
        CommandLine.ShellForm shell = (CommandLine.ShellForm) run.command();
        assertThat(shell.heredocs().getFirst().content()).isEqualTo(text);
        assertThat(run.origin().lines().last()).isEqualTo(lines.size() + 3);
    }

    @Property
    void continuationsOnlyJoinLines(
            @ForAll @Size(min = 1, max = 8) List<@NotEmpty @StringLength(max = 5) @Chars({'a', 'b'}) String> words) {
        Instruction.Run joined = (Instruction.Run) only("RUN " + String.join(" \\\n", words));
        assertThat(joined.command()).isEqualTo(new CommandLine.ShellForm(String.join(" ", words), List.of()));
        assertThat(joined.origin().lines().last()).isEqualTo(words.size() + 1);
    }

    @Property
    void everyInstructionsPlaceIsItsLine(@ForAll @Size(max = 30) List<Boolean> blanks) {
        StringBuilder text = new StringBuilder("FROM a\n");
        for (boolean blank : blanks) {
            text.append(blank ? "\n" : "RUN true\n");
        }
        Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text.toString().getBytes(UTF_8));
        String[] lines = text.toString().split("\n");
        for (Instruction instruction : dockerfile.stages().getFirst().instructions()) {
            assertThat(lines[instruction.origin().lines().first() - 1]).isEqualTo("RUN true");
        }
        assertThat(dockerfile.stages().getFirst().instructions())
                .hasSize((int) blanks.stream().filter(blank -> !blank).count());
    }
}
