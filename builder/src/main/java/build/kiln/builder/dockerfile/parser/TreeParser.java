package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.util.ArrayList;
import java.util.List;

/// Joins lines to instructions, and gives each its comments and heredocs.
final class TreeParser {

    private final String file;
    private final SourceLines lines;
    private final Directives directives;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Integer> emptyContinuations = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();

    /// A line without its continuation character.
    private record Part(String text, boolean continues) {}

    TreeParser(String file, SourceLines lines) {
        this.file = file;
        this.lines = lines;
        this.directives = new Directives(file);
    }

    SyntaxTree parse() {
        while (lines.hasNext()) {
            String line = lines.next();
            String text = WhiteSpace.stripLeading(SourceLines.withoutEnd(line));
            boolean directive = directives.accept(text, lines.number());
            if (text.startsWith("#")) {
                if (!directive) {
                    addComment(line);
                }
            } else if (!text.isEmpty()) {
                readInstruction(text);
            }
        }
        if (nodes.isEmpty()) {
            throw new DockerfileFailure(
                    Reason.DockerfileInvalid, file, 0, "", "The file has no instructions.", "Begin it with FROM.");
        }
        return new SyntaxTree(directives.found(), directives.escape(), nodes, emptyContinuations);
    }

    private void addComment(String line) {
        // Only the line's first character is taken away, so an indented comment keeps its "#".
        String comment = WhiteSpace.strip(line.substring(1));
        if (comment.isEmpty()) {
            comments.clear();
        } else {
            comments.add(comment);
        }
    }

    private void readInstruction(String firstText) {
        int firstLine = lines.number();
        String statement = join(firstText);
        Node node = new StatementParser(file, directives.escape())
                .parse(statement, new LineRange(firstLine, lines.number()), lines.text(firstLine), comments);
        if (node.canHaveHeredocs() && statement.contains("<<")) {
            List<Heredoc> heredocs = new ArrayList<>();
            for (Heredoc announced : HeredocWord.inLine(node.origin(), statement)) {
                heredocs.add(readHeredoc(node.origin(), announced));
            }
            node = node.with(heredocs, lines.number());
        }
        nodes.add(node);
        comments.clear();
    }

    /// The instruction that begins with this text, and goes on for as long as lines end with the escape character.
    /// Comments in between vanish; blank lines do too, with a warning.
    private String join(String firstText) {
        StringBuilder joined = new StringBuilder();
        Part part = cut(firstText);
        joined.append(part.text());
        boolean emptyContinuation = false;
        while (part.continues() && lines.hasNext()) {
            String line = lines.next();
            if (SourceLines.isComment(line)) {
                continue;
            }
            String text = SourceLines.withoutEnd(line);
            if (WhiteSpace.stripLeading(text).isEmpty()) {
                emptyContinuation = true;
                continue;
            }
            part = cut(text);
            joined.append(part.text());
        }
        if (emptyContinuation) {
            emptyContinuations.add(lines.number());
        }
        return joined.toString();
    }

    /// A line goes on if it ends with one escape character, not two; blanks may follow.
    private Part cut(String line) {
        char escape = directives.escape();
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean continues = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
        return continues ? new Part(line.substring(0, end - 1), true) : new Part(line, false);
    }

    private Heredoc readHeredoc(Origin origin, Heredoc announced) {
        StringBuilder content = new StringBuilder();
        while (lines.hasNext()) {
            String line = lines.next();
            String end = SourceLines.withoutEnd(line);
            if ((announced.chomp() ? end.replaceFirst("^\t+", "") : end).equals(announced.name())) {
                return announced.with(content.toString());
            }
            content.append(line);
        }
        throw origin.failure(
                "The heredoc <<" + announced.name() + " is not closed before the file ends.",
                "Add a line with nothing but " + announced.name() + " below its text.");
    }
}
