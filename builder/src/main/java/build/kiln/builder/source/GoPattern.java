package build.kiln.builder.source;

import java.util.ArrayList;
import java.util.List;

/// One name of a path as a pattern with the wildcards of Go's `filepath.Match`: `*`, `?`, `[a-z]`, `[^a-z]`, and
/// `\` before a character that stands for itself.
///
/// @see <a href="https://pkg.go.dev/path/filepath#Match">filepath.Match</a>
final class GoPattern {

    /// What matches a piece of a name.
    private sealed interface Piece {
        record One(int codePoint) implements Piece {}

        record Any() implements Piece {}

        record Run() implements Piece {}

        record Set(boolean negated, List<Range> ranges) implements Piece {}
    }

    private record Range(int low, int high) {}

    /// A pattern that is not well-formed.
    static final class Malformed extends Exception {
        Malformed(String why) {
            super(why);
        }
    }

    private final List<Piece> pieces = new ArrayList<>();
    private final int[] text;
    private int at;

    private GoPattern(String pattern) {
        text = pattern.codePoints().toArray();
    }

    static GoPattern parse(String pattern) throws Malformed {
        GoPattern parsed = new GoPattern(pattern);
        while (parsed.at < parsed.text.length) {
            parsed.pieces.add(parsed.piece());
        }
        return parsed;
    }

    /// True if there is a wildcard in it that no backslash takes the meaning from.
    static boolean hasWildcards(String name) {
        for (int i = 0; i < name.length(); i++) {
            switch (name.charAt(i)) {
                case '\\' -> i++;
                case '*', '?', '[' -> {
                    return true;
                }
                default -> {}
            }
        }
        return false;
    }

    boolean matches(String name) {
        int[] letters = name.codePoints().toArray();
        int piece = 0;
        int letter = 0;
        int lastRun = -1;
        int resumeAt = 0;
        while (letter < letters.length) {
            if (piece < pieces.size() && pieces.get(piece) instanceof Piece.Run) {
                lastRun = piece++;
                resumeAt = letter;
            } else if (piece < pieces.size() && accepts(pieces.get(piece), letters[letter])) {
                piece++;
                letter++;
            } else if (lastRun >= 0) {
                piece = lastRun + 1;
                letter = ++resumeAt;
            } else {
                return false;
            }
        }
        while (piece < pieces.size() && pieces.get(piece) instanceof Piece.Run) {
            piece++;
        }
        return piece == pieces.size();
    }

    private static boolean accepts(Piece piece, int letter) {
        return switch (piece) {
            case Piece.One one -> one.codePoint() == letter;
            case Piece.Any _ -> true;
            case Piece.Run _ -> false;
            case Piece.Set set ->
                set.negated()
                        != set.ranges().stream().anyMatch(range -> range.low() <= letter && letter <= range.high());
        };
    }

    private Piece piece() throws Malformed {
        return switch (text[at]) {
            case '*' -> {
                at++;
                yield new Piece.Run();
            }
            case '?' -> {
                at++;
                yield new Piece.Any();
            }
            case '[' -> set();
            default -> new Piece.One(escaped());
        };
    }

    private Piece set() throws Malformed {
        at++;
        boolean negated = at < text.length && text[at] == '^';
        if (negated) {
            at++;
        }
        List<Range> ranges = new ArrayList<>();
        while (at >= text.length || text[at] != ']' || ranges.isEmpty()) {
            int low = bound();
            int high = low;
            if (at < text.length && text[at] == '-') {
                at++;
                high = bound();
            }
            ranges.add(new Range(low, high));
        }
        at++;
        return new Piece.Set(negated, ranges);
    }

    private int bound() throws Malformed {
        if (at >= text.length) {
            throw new Malformed("\"[\" has no \"]\"");
        }
        if (text[at] == '-' || text[at] == ']') {
            throw new Malformed("\"" + Character.toString(text[at]) + "\" stands where \"[\" wants a character");
        }
        return escaped();
    }

    private int escaped() throws Malformed {
        if (text[at] == '\\' && ++at == text.length) {
            throw new Malformed("it ends with a backslash");
        }
        return text[at++];
    }
}
