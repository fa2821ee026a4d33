package build.kiln.builder.source.ignore;

import java.util.List;

/// A part of a pattern. Each knows how to get from the places that the parts before it can end at to those that
/// it can end at itself.
sealed interface Piece {

    /// @param letters the path
    /// @param from for each place between letters whether a match of the parts before can end there
    boolean[] advance(int[] letters, boolean[] from);

    /// One letter out of a set.
    record One(Letters set) implements Piece {

        @Override
        public boolean[] advance(int[] letters, boolean[] from) {
            boolean[] to = new boolean[from.length];
            for (int i = 0; i < letters.length; i++) {
                to[i + 1] = from[i] && set.has(letters[i]);
            }
            return to;
        }
    }

    /// Any number of letters out of a set.
    record Many(Letters set) implements Piece {

        @Override
        public boolean[] advance(int[] letters, boolean[] from) {
            boolean[] to = from.clone();
            for (int i = 0; i < letters.length; i++) {
                to[i + 1] |= to[i] && set.has(letters[i]);
            }
            return to;
        }
    }

    /// Nothing, or any text that ends with a slash.
    record Folders() implements Piece {

        @Override
        public boolean[] advance(int[] letters, boolean[] from) {
            boolean[] to = from.clone();
            boolean open = false;
            for (int i = 0; i < letters.length; i++) {
                open = (open || from[i]) && letters[i] != '\n';
                to[i + 1] |= open && letters[i] == '/';
            }
            return to;
        }
    }

    /// Nothing, and only at the path's very start.
    record Start() implements Piece {

        @Override
        public boolean[] advance(int[] letters, boolean[] from) {
            boolean[] to = new boolean[from.length];
            to[0] = from[0];
            return to;
        }
    }

    /// A set of letters.
    record Letters(boolean negated, List<Range> ranges) {

        static final Letters NOT_SLASH = new Letters(true, List.of(new Range('/', '/')));
        static final Letters NOT_NEWLINE = new Letters(true, List.of(new Range('\n', '\n')));

        public Letters {
            ranges = List.copyOf(ranges);
        }

        static Letters only(int letter) {
            return new Letters(false, List.of(new Range(letter, letter)));
        }

        boolean has(int letter) {
            for (Range range : ranges) {
                if (range.low() <= letter && letter <= range.high()) {
                    return !negated;
                }
            }
            return negated;
        }
    }

    /// Letters from low to high, both included.
    record Range(int low, int high) {}
}
