package build.kiln.builder.dockerfile;

import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.parser.ParserDirective;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Expansion;
import build.kiln.builder.dockerfile.words.Words;
import java.util.List;

/// A Dockerfile, read and checked as far as that is possible without its arguments.
///
/// @param name as the user gave it; stands in every failure
/// @param escape the character that joins lines and escapes others: a backslash or a backtick
/// @param globalArgs the ARGs before the first FROM
/// @param stages at least one
public record Dockerfile(
        String name,
        List<ParserDirective> directives,
        char escape,
        List<Instruction.Arg> globalArgs,
        List<Stage> stages) {

    public Dockerfile {
        directives = List.copyOf(directives);
        globalArgs = List.copyOf(globalArgs);
        stages = List.copyOf(stages);
    }

    /// Expands a word of an instruction.
    ///
    /// @throws build.kiln.builder.failure.DockerfileFailure if it cannot be expanded
    public Expansion expand(Origin at, String word, Environment environment) {
        return expand(Words.ofInstruction(escape), at, word, environment);
    }

    /// Expands a word by other rules than an instruction's, for example those of a heredoc.
    ///
    /// @throws build.kiln.builder.failure.DockerfileFailure if it cannot be expanded
    public static Expansion expand(Words rules, Origin at, String word, Environment environment) {
        try {
            return rules.expand(word, environment);
        } catch (BadWordException e) {
            throw at.failure(e.getMessage() + ".", "");
        }
    }
}
