package build.kiln.builder.dockerfile.words;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the word that somebody probably meant.
public final class NearestWord {

    /// More than two letters wrong is another word.
    private static final int TOO_FAR = 3;

    private NearestWord() {}

    /// The valid word that takes the fewest changes to get to, if two are enough. Upper and lower case do not count.
    public static Optional<String> to(String written, Collection<String> valid) {
        String word = written.toLowerCase(Locale.ROOT);
        record Candidate(String word, int distance) {}
        return valid.stream()
                .sorted()
                .map(candidate -> new Candidate(candidate, distance(word, candidate.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.distance() < TOO_FAR)
                .min(Comparator.comparingInt(Candidate::distance))
                .map(Candidate::word);
    }

    /// `Did you mean "RUN"?`, or else `otherwise`.
    public static String advice(String written, Collection<String> valid, String otherwise) {
        return to(written, valid).map(word -> "Did you mean \"" + word + "\"?").orElse(otherwise);
    }

    /// Levenshtein's distance, or [#TOO_FAR] if it is at least that.
    static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) >= TOO_FAR) {
            return TOO_FAR;
        }
        int[] above = new int[other.length() + 1];
        for (int column = 0; column < above.length; column++) {
            above[column] = column;
        }
        for (int row = 1; row <= one.length(); row++) {
            int[] current = new int[above.length];
            current[0] = row;
            int best = row;
            for (int column = 1; column < current.length; column++) {
                int replaced = above[column - 1] + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, 1 + Math.min(above[column], current[column - 1]));
                best = Math.min(best, current[column]);
            }
            if (best >= TOO_FAR) {
                return TOO_FAR;
            }
            above = current;
        }
        return Math.min(TOO_FAR, above[other.length()]);
    }
}
