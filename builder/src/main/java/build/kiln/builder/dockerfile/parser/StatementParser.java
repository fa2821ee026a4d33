package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Cuts one instruction, which is on one line by now, into keyword, flags and arguments.
final class StatementParser {

    private static final Pattern BLANKS = Pattern.compile("[\\t\\x0B\\f\\r ]+");

    /// An ONBUILD in an ONBUILD is refused later, with better words than a stack's end has.
    private static final int MAX_NESTING = 2;

    private final String file;
    private final char escape;

    /// Arguments, and how they were written.
    private record Arguments(
            List<String> args, boolean json, @Nullable Node trigger) {

        static Arguments plain(List<String> args) {
            return new Arguments(args, false, null);
        }
    }

    StatementParser(String file, char escape) {
        this.file = file;
        this.escape = escape;
    }

    Node parse(String statement, LineRange range, String firstLine, List<String> comments) {
        return parse(statement, range, firstLine, comments, 0);
    }

    private Node parse(String statement, LineRange range, String firstLine, List<String> comments, int nesting) {
        String text = WhiteSpace.strip(statement);
        String[] parts = BLANKS.split(text, 2);
        Origin origin = new Origin(file, parts[0], range, firstLine, text, comments);
        FlagSplitter flags = FlagSplitter.split(parts.length == 2 ? parts[1] : "", escape);
        String rest = WhiteSpace.strip(flags.rest());
        Optional<Keyword> keyword = Keyword.of(parts[0]);
        Arguments arguments =
                keyword.isEmpty() ? Arguments.plain(List.of("")) : cut(keyword.get(), rest, origin, nesting);
        return new Node(origin, flags.flags(), arguments.args(), arguments.json(), arguments.trigger(), List.of());
    }

    private Arguments cut(Keyword keyword, String rest, Origin origin, int nesting) {
        return switch (keyword.form()) {
            case LINE -> Arguments.plain(line(rest));
            case WORDS -> Arguments.plain(words(rest));
            case QUOTED_WORDS -> Arguments.plain(QuotedWords.split(rest, escape));
            case PAIRS -> Arguments.plain(pairs(keyword, rest, origin));
            case JSON_OR_LINE -> json(rest, origin).orElseGet(() -> Arguments.plain(line(rest)));
            case JSON_OR_WORDS -> json(rest, origin).orElseGet(() -> Arguments.plain(words(rest)));
            case TYPE_AND_COMMAND -> typeAndCommand(rest, origin);
            case INSTRUCTION -> trigger(rest, origin, nesting);
        };
    }

    private static List<String> line(String rest) {
        return rest.isEmpty() ? List.of() : List.of(rest);
    }

    private static List<String> words(String rest) {
        return rest.isEmpty() ? List.of() : Arrays.asList(BLANKS.split(rest, -1));
    }

    private List<String> pairs(Keyword keyword, String rest, Origin origin) {
        List<String> words = QuotedWords.split(rest, escape);
        if (words.isEmpty()) {
            return List.of();
        }
        if (!words.getFirst().contains("=")) {
            String[] nameAndValue = BLANKS.split(rest, 2);
            if (nameAndValue.length < 2) {
                throw origin.failure(
                        keyword + " has a name (\"" + rest + "\") but no value.",
                        "Write it as " + keyword + " " + rest + "=value.");
            }
            return List.of(nameAndValue[0], nameAndValue[1], "");
        }
        List<String> pairs = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw origin.failure(
                        keyword + " has \"" + word + "\" where a name=value should be.",
                        "Add the value, or quote the value before it if the two belong together.");
            }
            pairs.addAll(List.of(word.substring(0, equals), word.substring(equals + 1), "="));
        }
        return pairs;
    }

    private static Optional<Arguments> json(String rest, Origin origin) {
        return switch (JsonArray.parse(rest)) {
            case JsonArray.Strings(List<String> strings) -> Optional.of(new Arguments(strings, true, null));
            case JsonArray.NotOnlyStrings() ->
                throw origin.failure(
                        "The JSON array of " + origin.keyword() + " has an element that is not a string.",
                        "Put every element in double quotes.");
            case JsonArray.NoArray() -> Optional.empty();
        };
    }

    private static Arguments typeAndCommand(String rest, Origin origin) {
        int end = 0;
        while (end < rest.length() && !WhiteSpace.is(rest.charAt(end))) {
            end++;
        }
        if (end == 0) {
            return Arguments.plain(List.of());
        }
        String command = WhiteSpace.stripLeading(rest.substring(end));
        Optional<Arguments> json = json(command, origin);
        List<String> args = new ArrayList<>(List.of(rest.substring(0, end)));
        args.addAll(json.map(Arguments::args).orElseGet(() -> line(command)));
        return new Arguments(args, json.isPresent(), null);
    }

    private Arguments trigger(String rest, Origin origin, int nesting) {
        if (rest.isEmpty() || nesting == MAX_NESTING) {
            return Arguments.plain(line(rest));
        }
        Node trigger = parse(rest, origin.lines(), origin.firstLine(), List.of(), nesting + 1);
        List<String> args = new ArrayList<>(List.of(trigger.keyword()));
        args.addAll(trigger.args());
        return new Arguments(args, false, trigger);
    }
}
