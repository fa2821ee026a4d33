package build.kiln.builder.report;

import build.kiln.builder.dockerfile.lint.Rule;
import build.kiln.builder.execute.ForwardingProgress;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.plan.PlanWarning;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// A progress for people that keeps what the linter says for the end, where they look, and puts it together by rule.
public final class LintAtEnd extends ForwardingProgress {

    private record Found(String file, PlanWarning warning) {}

    private final PrintStream out;
    private final Set<Found> found = ConcurrentHashMap.newKeySet();

    /// @param shown everything else
    public LintAtEnd(Progress shown, PrintStream out) {
        super(shown);
        this.out = out;
    }

    @Override
    public void lint(String file, PlanWarning warning) {
        if (warning.rule().isEmpty()) {
            super.lint(file, warning);
        } else {
            found.add(new Found(file, warning));
        }
    }

    /// Prints the rules that are broken, each with its page and the lines that break it; nothing if none is.
    public void print() {
        if (found.isEmpty()) {
            return;
        }
        Map<String, List<Found>> byRule = new TreeMap<>();
        found.forEach(one -> byRule.computeIfAbsent(one.warning().rule(), _ -> new ArrayList<>())
                .add(one));
        out.println();
        out.println(found.size() == 1 ? "1 warning found:" : found.size() + " warnings found:");
        byRule.forEach((name, all) -> {
            Rule rule = Rule.valueOf(name);
            out.println(" - " + rule + ": " + rule.summary() + " (" + rule.page() + ")");
            all.sort(Comparator.comparingInt((Found one) -> one.warning().line())
                    .thenComparing(one -> one.warning().message()));
            all.forEach(one -> out.println("   " + one.file() + ":"
                    + one.warning().line() + ": " + one.warning().message()));
        });
        out.flush();
    }
}
