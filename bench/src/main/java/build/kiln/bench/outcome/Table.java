package build.kiln.bench.outcome;

import build.kiln.bench.measure.Figures;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// The outcome for people.
public final class Table {

    private static final String KILN = "kiln";

    private final Outcome outcome;
    private final PrintStream out;

    public Table(Outcome outcome, PrintStream out) {
        this.outcome = outcome;
        this.out = out;
    }

    public void print() {
        List<String> contenders = new ArrayList<>(outcome.contenders());
        for (Scenario scenario : Scenario.values()) {
            if (outcome.runs().stream().noneMatch(run -> run.scenario() == scenario)) {
                continue;
            }
            out.println();
            out.println(scenario.label() + ": medians of wall seconds, processor seconds, peak MB"
                    + (contenders.size() > 1 ? "; kiln/other by wall and by processor time" : ""));
            for (String workload : outcome.workloads()) {
                for (String contender : contenders) {
                    line(workload, scenario, contender);
                }
            }
            for (String contender : contenders) {
                mean(scenario, contender);
            }
        }
        growth();
        outcome.notes().forEach(note -> out.println("note: " + note));
        outcome.problems().forEach(problem -> out.println("PROBLEM: " + problem));
    }

    private void line(String workload, Scenario scenario, String contender) {
        OptionalDouble wall = outcome.median(workload, scenario, contender, Figures::wallSeconds);
        if (wall.isEmpty()) {
            return;
        }
        OptionalDouble cpu = outcome.median(workload, scenario, contender, Figures::cpuSeconds);
        OptionalDouble peak = outcome.median(workload, scenario, contender, Figures::peakBytes);
        out.printf(
                Locale.ROOT,
                "  %-4s %-9s %8.2f %8.2f %6.0f   %s%n",
                workload,
                contender,
                wall.getAsDouble(),
                cpu.orElse(0),
                peak.orElse(0) / 1e6,
                contender.equals(KILN)
                        ? ""
                        : ratio(outcome.ratio(workload, scenario, KILN, contender, Figures::wallSeconds))
                                + ratio(outcome.ratio(workload, scenario, KILN, contender, Figures::cpuSeconds)));
    }

    private void mean(Scenario scenario, String contender) {
        List<String> single = outcome.workloads().stream()
                .filter(workload -> workload.matches("W[1-6]"))
                .toList();
        ToDoubleFunction<Figures> byWall = Figures::wallSeconds;
        OptionalDouble wall = outcome.meanRatio(single, scenario, KILN, contender, byWall);
        if (!contender.equals(KILN) && wall.isPresent()) {
            out.println("  geometric mean of " + String.join(", ", single) + ", kiln/" + contender + ":  " + ratio(wall)
                    + ratio(outcome.meanRatio(single, scenario, KILN, contender, Figures::cpuSeconds)));
        }
    }

    /// How the time grows when there is ten times as much to do.
    private void growth() {
        for (String workload : outcome.workloads()) {
            String tenth = workload + "S";
            for (Scenario scenario : Scenario.values()) {
                OptionalDouble large = outcome.median(workload, scenario, KILN, Figures::wallSeconds);
                OptionalDouble small = outcome.median(tenth, scenario, KILN, Figures::wallSeconds);
                if (large.isPresent() && small.isPresent()) {
                    out.printf(
                            Locale.ROOT,
                            "growth of %s %s, ten times as much: %.1f times the time%n",
                            workload,
                            scenario.label(),
                            large.getAsDouble() / small.getAsDouble());
                }
            }
        }
    }

    private static String ratio(OptionalDouble ratio) {
        return ratio.isEmpty() ? "      -" : String.format(Locale.ROOT, "%7.2f", ratio.getAsDouble());
    }
}
