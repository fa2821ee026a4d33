package build.kiln.builder.source;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The name that somebody most likely meant.
public final class Nearest {

    private Nearest() {}

    /// The closest of these names, unless all of them are too far away to have been meant.
    public static Optional<String> to(String name, List<String> names) {
        return names.stream()
                .filter(one -> distance(name, one) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparingInt((String one) -> distance(name, one))
                        .thenComparing(one -> one));
    }

    /// How many letters have to be put in, left out, replaced or swapped with their neighbour. Case does not
    /// count.
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
