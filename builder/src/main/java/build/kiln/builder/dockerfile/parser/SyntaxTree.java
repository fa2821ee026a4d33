package build.kiln.builder.dockerfile.parser;

import java.util.List;

/// A whole file, cut into instructions.
///
/// @param nodes at least one
/// @param emptyContinuations the lines on which instructions end that have blank lines between their continuations
public record SyntaxTree(
        List<ParserDirective> directives, char escape, List<Node> nodes, List<Integer> emptyContinuations) {

    public SyntaxTree {
        directives = List.copyOf(directives);
        nodes = List.copyOf(nodes);
        emptyContinuations = List.copyOf(emptyContinuations);
    }

    /// Reads a file.
    ///
    /// @param file its name, for failures
    /// @throws build.kiln.builder.failure.DockerfileFailure if it breaks a rule that needs no understanding
    public static SyntaxTree parse(String file, byte[] text) {
        return new TreeParser(file, SourceLines.split(file, text)).parse();
    }
}
