package build.kiln.bench.outcome;

import build.kiln.bench.measure.Figures;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// All runs, and what went wrong.
public final class Outcome {

    private final List<Run> runs = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    public void add(Run run) {
        runs.add(run);
    }

    /// Something that makes the bench fail: an image that is not what it has to be.
    public void problem(String text) {
        problems.add(text);
    }

    /// Something to know when reading the figures.
    public void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }

    public List<Run> runs() {
        return List.copyOf(runs);
    }

    public List<String> problems() {
        return List.copyOf(problems);
    }

    public List<String> notes() {
        return List.copyOf(notes);
    }

    public Set<String> workloads() {
        Set<String> all = new LinkedHashSet<>();
        runs.forEach(run -> all.add(run.workload()));
        return all;
    }

    public Set<String> contenders() {
        Set<String> all = new LinkedHashSet<>();
        runs.forEach(run -> all.add(run.contender()));
        return all;
    }

    /// The median of one figure; empty if there are no such runs.
    public OptionalDouble median(
            String workload, Scenario scenario, String contender, ToDoubleFunction<Figures> figure) {
        return median(runs.stream()
                .filter(run -> run.workload().equals(workload)
                        && run.scenario() == scenario
                        && run.contender().equals(contender))
                .mapToDouble(run -> figure.applyAsDouble(run.figures()))
                .sorted()
                .toArray());
    }

    static OptionalDouble median(double... sorted) {
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    /// One builder's median over another's.
    public OptionalDouble ratio(
            String workload, Scenario scenario, String one, String other, ToDoubleFunction<Figures> figure) {
        OptionalDouble upper = median(workload, scenario, one, figure);
        OptionalDouble lower = median(workload, scenario, other, figure);
        return upper.isPresent() && lower.isPresent() && lower.getAsDouble() > 0
                ? OptionalDouble.of(upper.getAsDouble() / lower.getAsDouble())
                : OptionalDouble.empty();
    }

    /// The geometric mean of the ratios over workloads.
    public OptionalDouble meanRatio(
            List<String> workloads, Scenario scenario, String one, String other, ToDoubleFunction<Figures> figure) {
        double[] all = workloads.stream()
                .map(workload -> ratio(workload, scenario, one, other, figure))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .toArray();
        return all.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.exp(
                        java.util.Arrays.stream(all).map(Math::log).average().orElseThrow()));
    }
}
