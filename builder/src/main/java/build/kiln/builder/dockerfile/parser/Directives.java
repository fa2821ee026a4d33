package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Recognizes parser directives. They stand at the very top; the first line that is none ends them.
final class Directives {

    private static final List<String> NAMES = List.of("syntax", "escape", "check");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9]*");

    private final String file;
    private final List<ParserDirective> found = new ArrayList<>();
    private char escape = '\\';
    private boolean afterShebang;
    private boolean done;

    Directives(String file) {
        this.file = file;
    }

    List<ParserDirective> found() {
        return found;
    }

    char escape() {
        return escape;
    }

    /// Looks at the next line, which has no blanks at its start and no line end. True if it is a directive that must
    /// not count as a comment.
    boolean accept(String line, int number) {
        if (done) {
            return false;
        }
        if (number == 1 && line.startsWith("#!")) {
            afterShebang = true;
            return false;
        }
        Optional<ParserDirective> directive = parse(line, number);
        if (directive.isEmpty()) {
            done = true;
            return false;
        }
        take(directive.get(), line);
        return !afterShebang;
    }

    private void take(ParserDirective directive, String line) {
        boolean repeated = found.stream().anyMatch(earlier -> earlier.name().equals(directive.name()));
        if (afterShebang) {
            // Behind "#!" the other directives count, an escape is a comment, and nothing is refused.
            if (!repeated && !directive.name().equals("escape")) {
                found.add(directive);
            }
            return;
        }
        if (repeated) {
            throw failure(
                    directive,
                    line,
                    "The parser directive \"" + directive.name() + "\" stands here again.",
                    "Remove one of the two lines.");
        }
        if (directive.name().equals("escape")) {
            if (!directive.value().equals("\\") && !directive.value().equals("`")) {
                throw failure(
                        directive,
                        line,
                        "The escape character is \"" + directive.value()
                                + "\", and only a backslash (\\) or a backtick (`) can be one.",
                        "Choose one of the two.");
            }
            escape = directive.value().charAt(0);
        }
        found.add(directive);
    }

    private static Optional<ParserDirective> parse(String line, int number) {
        int equals = line.indexOf('=');
        if (!line.startsWith("#") || equals < 0) {
            return Optional.empty();
        }
        String name = WhiteSpace.strip(line.substring(1, equals)).toLowerCase(Locale.ROOT);
        String written = line.substring(equals + 1);
        if (written.isEmpty() || !NAME.matcher(name).matches() || !NAMES.contains(name)) {
            return Optional.empty();
        }
        String value = WhiteSpace.strip(written);
        return Optional.of(new ParserDirective(name, value.isEmpty() ? " " : value, number));
    }

    private DockerfileFailure failure(ParserDirective directive, String line, String fact, String advice) {
        return new DockerfileFailure(Reason.DockerfileInvalid, file, directive.line(), line, fact, advice);
    }
}
