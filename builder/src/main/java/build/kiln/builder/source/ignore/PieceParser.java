package build.kiln.builder.source.ignore;

import build.kiln.builder.source.ignore.PathPattern.BadPattern;
import build.kiln.builder.source.ignore.Piece.Letters;
import build.kiln.builder.source.ignore.Piece.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Compiles a pattern in two steps, as the reference implementation does: wildcards are spelled out as a regular
/// expression, wherever they stand, and that is what matches. So `[*]` is not a star but one of `[`, `^`, `/`,
/// any number of times, and then a `]`. Nobody should write this; who did has it in working builds.
final class PieceParser {

    private static final String FOLDERS = "(.*/)?";
    private static final Map<Integer, Integer> CONTROLS =
            Map.of((int) 'a', 7, (int) 'f', 12, (int) 't', 9, (int) 'n', 10, (int) 'r', 13, (int) 'v', 11);
    private static final Map<Character, List<Range>> CLASSES = Map.of(
            'd', List.of(new Range('0', '9')),
            's', List.of(new Range('\t', '\n'), new Range('\f', '\r'), new Range(' ', ' ')),
            'w', List.of(new Range('0', '9'), new Range('A', 'Z'), new Range('_', '_'), new Range('a', 'z')));

    private final int[] expression;
    private final List<Piece> pieces = new ArrayList<>();
    private int next;

    PieceParser(String pattern) {
        expression = spellOut(pattern).codePoints().toArray();
    }

    private static String spellOut(String pattern) {
        StringBuilder expression = new StringBuilder();
        int[] points = pattern.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            int point = points[i];
            boolean last = i + 1 == points.length;
            switch (point) {
                case '*' -> {
                    if (last || points[i + 1] != '*') {
                        expression.append("[^/]*");
                        continue;
                    }
                    i++;
                    if (i + 1 < points.length && points[i + 1] == '/') {
                        i++;
                    }
                    expression.append(i + 1 == points.length ? ".*" : FOLDERS);
                }
                case '?' -> expression.append("[^/]");
                case '.', '+', '(', ')', '|', '{', '}', '$' ->
                    expression.append('\\').appendCodePoint(point);
                case '\\' -> {
                    expression.append('\\');
                    if (!last) {
                        expression.appendCodePoint(points[++i]);
                    }
                }
                default -> expression.appendCodePoint(point);
            }
        }
        return expression.toString();
    }

    List<Piece> parse() throws BadPattern {
        while (next < expression.length) {
            int point = expression[next++];
            switch (point) {
                case '(' -> {
                    // Never a bracket of the user's: those are escaped.
                    next += FOLDERS.length() - 1;
                    pieces.add(new Piece.Folders());
                }
                case '.' -> add(Letters.NOT_NEWLINE);
                case '[' -> add(set());
                case '^' -> pieces.add(new Piece.Start());
                case '\\' -> add(escape());
                default -> add(Letters.only(point));
            }
        }
        return List.copyOf(pieces);
    }

    private void add(Letters letters) {
        boolean many = next < expression.length && expression[next] == '*';
        if (many) {
            next++;
        }
        pieces.add(many ? new Piece.Many(letters) : new Piece.One(letters));
    }

    private Letters set() throws BadPattern {
        boolean negated = peek() == '^';
        if (negated) {
            next++;
        }
        List<Range> ranges = new ArrayList<>();
        while (ranges.isEmpty() || peek() != ']') {
            if (peek() == '[' && next + 1 < expression.length && expression[next + 1] == ':') {
                throw new BadPattern(
                        "it has \"[:\" within brackets, and Kiln does not know classes of letters by name");
            }
            if (peek() == '\\') {
                next++;
                Letters escaped = escape();
                if (escaped.negated() || escaped.ranges().size() > 1) {
                    throw new BadPattern("a class of letters stands within brackets");
                }
                ranges.add(rangeFrom(escaped.ranges().getFirst().low()));
            } else {
                ranges.add(rangeFrom(take()));
            }
        }
        next++;
        return new Letters(negated, ranges);
    }

    private Range rangeFrom(int low) throws BadPattern {
        boolean range = peek() == '-' && next + 1 < expression.length && expression[next + 1] != ']';
        if (!range) {
            return new Range(low, low);
        }
        next++;
        int high = take();
        if (high == '\\') {
            high = escape().ranges().getFirst().low();
        }
        if (high < low) {
            throw new BadPattern(
                    "the range " + Character.toString(low) + "-" + Character.toString(high) + " ends before it begins");
        }
        return new Range(low, high);
    }

    /// What stands behind a backslash: a sign stands for itself, a letter has a meaning of its own or none.
    private Letters escape() throws BadPattern {
        int point = take();
        boolean sign = point < 128 && !Character.isLetterOrDigit(point);
        if (sign) {
            return Letters.only(point);
        }
        Integer control = CONTROLS.get(point);
        if (control != null) {
            return Letters.only(control);
        }
        List<Range> ranges = point < 128 ? CLASSES.get(Character.toLowerCase((char) point)) : null;
        if (ranges != null) {
            return new Letters(Character.isUpperCase(point), ranges);
        }
        throw new BadPattern(
                "a backslash stands before \"" + Character.toString(point) + "\", which stands for itself without one");
    }

    private int peek() throws BadPattern {
        if (next >= expression.length) {
            throw new BadPattern("a \"[\" has no \"]\"");
        }
        return expression[next];
    }

    private int take() throws BadPattern {
        int point = peek();
        next++;
        return point;
    }
}
