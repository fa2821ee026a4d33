package build.kiln.builder.source.ignore;

import java.util.List;

/// One pattern, compiled. Matches in time proportional to the pattern's length times the path's, whatever they
/// are.
final class PathPattern {

    /// Says in a clause why a text is not a pattern.
    static final class BadPattern extends Exception {
        BadPattern(String why) {
            super(why);
        }
    }

    /// How much of a pattern's power it needs.
    private enum Kind {
        /// No wildcard at all.
        EXACT,
        /// A text, then `**`.
        PREFIX,
        /// `**`, then a text.
        SUFFIX,
        /// Anything else.
        PIECES
    }

    private final Kind kind;
    private final String text;
    private final List<Piece> pieces;

    private PathPattern(Kind kind, String text, List<Piece> pieces) {
        this.kind = kind;
        this.text = text;
        this.pieces = pieces;
    }

    static PathPattern parse(String pattern) throws BadPattern {
        Syntax.check(pattern);
        int stars = pattern.indexOf("**");
        boolean special = pattern.chars().anyMatch(c -> "*?[]\\".indexOf(c) >= 0);
        if (!special) {
            return new PathPattern(Kind.EXACT, pattern, List.of());
        }
        if (stars == 0 && isPlain(pattern.substring(2))) {
            return new PathPattern(Kind.SUFFIX, pattern.substring(2), List.of());
        }
        if (stars == pattern.length() - 2 && stars > 0 && isPlain(pattern.substring(0, stars))) {
            return new PathPattern(Kind.PREFIX, pattern.substring(0, stars), List.of());
        }
        return new PathPattern(Kind.PIECES, pattern, new PieceParser(pattern).parse());
    }

    private static boolean isPlain(String text) {
        return text.chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0);
    }

    boolean matches(String path) {
        return switch (kind) {
            case EXACT -> path.equals(text);
            case PREFIX -> path.startsWith(text);
            // "**/foo" is any foo, and "foo" itself.
            case SUFFIX -> path.endsWith(text) || (text.startsWith("/") && path.equals(text.substring(1)));
            case PIECES -> {
                int[] letters = path.codePoints().toArray();
                boolean[] reached = start(letters);
                for (Piece piece : pieces) {
                    reached = piece.advance(letters, reached);
                }
                yield reached[letters.length];
            }
        };
    }

    /// False only if it is certain that no path below the directory matches.
    boolean mayMatchBelow(String directory) {
        String below = directory + "/";
        return switch (kind) {
            case EXACT -> text.startsWith(below);
            case PREFIX -> text.startsWith(below) || below.startsWith(text);
            case SUFFIX -> true;
            case PIECES -> {
                int[] letters = below.codePoints().toArray();
                boolean[] reached = start(letters);
                boolean may = false;
                for (Piece piece : pieces) {
                    reached = piece.advance(letters, reached);
                    may |= reached[letters.length];
                }
                yield may;
            }
        };
    }

    private static boolean[] start(int[] letters) {
        boolean[] reached = new boolean[letters.length + 1];
        reached[0] = true;
        return reached;
    }
}
