package build.kiln.builder.dockerfile;

import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.parser.ParserDirective;
import build.kiln.builder.dockerfile.parser.SyntaxTree;
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
/// @param emptyContinuations the lines on which instructions end that have blank lines between their continuations
public record Dockerfile(
        String name,
        List<ParserDirective> directives,
        char escape,
        List<Instruction.Arg> globalArgs,
        List<Stage> stages,
        List<Integer> emptyContinuations) {

    public Dockerfile {
        directives = List.copyOf(directives);
        globalArgs = List.copyOf(globalArgs);
        stages = List.copyOf(stages);
        emptyContinuations = List.copyOf(emptyContinuations);
    }

    /// Reads a Dockerfile.
    ///
    /// @param fileName as the user gave it, for failures
    /// @throws build.kiln.builder.failure.DockerfileFailure if it breaks a rule of the language
    public static Dockerfile parse(String fileName, byte[] text) {
        return new DockerfileParser(fileName, SyntaxTree.parse(fileName, text)).parse();
    }

    /// Reads an instruction that a base image's ONBUILD holds.
    ///
    /// @param at the FROM that brings it in; the instruction and its failures take its place
    /// @throws build.kiln.builder.failure.DockerfileFailure if it is not exactly one instruction
    public static Instruction parseTrigger(Origin at, String trigger) {
        return DockerfileParser.parseTrigger(at, trigger);
    }

    /// The value of a parser directive; empty if there is none.
    public String directive(String directiveName) {
        return directives.stream()
                .filter(directive -> directive.name().equals(directiveName))
                .findFirst()
                .map(ParserDirective::value)
                .orElse("");
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
