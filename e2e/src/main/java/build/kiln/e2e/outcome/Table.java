package build.kiln.e2e.outcome;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// The results for people: a line each, and under it why a row does not hold.
public final class Table {

    private static final int MIN_ROW = 3;

    private final PrintStream out;
    private final int rowWidth;
    private final int whatWidth;

    /// @param rows names of all rows, for the width of their column
    /// @param claims likewise
    public Table(PrintStream out, List<String> rows, List<String> claims) {
        this.out = out;
        this.rowWidth = width(rows, MIN_ROW);
        this.whatWidth = width(claims, MIN_ROW);
    }

    private static int width(List<String> cells, int least) {
        return Math.max(least, cells.stream().mapToInt(String::length).max().orElse(0));
    }

    public void head() {
        line("ROW", "WHAT", "RESULT", "SECONDS", "ISOLATION");
    }

    /// Prints one result.
    public void print(Result result) {
        String word = switch (result.verdict()) {
            case HOLDS -> "holds";
            case FAILS -> "FAILS";
            case LEFT_OUT -> "left out";
        };
        line(result.row(), result.what(), word, seconds(result.took()), result.isolation());
        if (!result.holds()) {
            result.seen().lines().forEach(line -> out.println("    " + line));
        }
    }

    /// The last line: how many hold.
    public void foot(List<Result> results, Duration took) {
        long holding = results.stream().filter(Result::holds).count();
        out.printf(Locale.ROOT, "%d of %d rows hold; %s seconds%n", holding, results.size(), seconds(took));
    }

    private void line(String row, String what, String result, String seconds, String isolation) {
        String line = ("%-" + rowWidth + "s  %-" + whatWidth + "s  %-8s  %7s  %s")
                .formatted(row, what, result, seconds, isolation);
        out.println(line.stripTrailing());
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1e3);
    }
}
