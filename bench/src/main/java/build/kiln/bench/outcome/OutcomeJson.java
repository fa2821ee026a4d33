package build.kiln.bench.outcome;

import build.kiln.bench.measure.Figures;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalDouble;

/// The outcome for programs: all runs, medians with their ratios, problems and notes.
public final class OutcomeJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private OutcomeJson() {}

    /// One line.
    public static String of(Outcome outcome) {
        ObjectNode root = JSON.createObjectNode();
        root.put("processors", Runtime.getRuntime().availableProcessors());
        ArrayNode runs = root.putArray("runs");
        for (Run run : outcome.runs()) {
            runs.addObject()
                    .put("workload", run.workload())
                    .put("scenario", run.scenario().label())
                    .put("builder", run.contender())
                    .put("run", run.number())
                    .put("wallSeconds", run.figures().wallSeconds())
                    .put("cpuSeconds", run.figures().cpuSeconds())
                    .put("peakBytes", run.figures().peakBytes());
        }
        ArrayNode medians = root.putArray("medians");
        for (String workload : outcome.workloads()) {
            for (Scenario scenario : Scenario.values()) {
                outcome.contenders().forEach(contender -> median(outcome, medians, workload, scenario, contender));
            }
        }
        outcome.problems().forEach(root.putArray("problems")::add);
        outcome.notes().forEach(root.putArray("notes")::add);
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void median(
            Outcome outcome, ArrayNode medians, String workload, Scenario scenario, String contender) {
        OptionalDouble wall = outcome.median(workload, scenario, contender, Figures::wallSeconds);
        if (wall.isEmpty()) {
            return;
        }
        ObjectNode node = medians.addObject()
                .put("workload", workload)
                .put("scenario", scenario.label())
                .put("builder", contender)
                .put("wallSeconds", wall.getAsDouble());
        outcome.median(workload, scenario, contender, Figures::cpuSeconds)
                .ifPresent(value -> node.put("cpuSeconds", value));
        outcome.median(workload, scenario, contender, Figures::peakBytes)
                .ifPresent(value -> node.put("peakBytes", (long) value));
        outcome.ratio(workload, scenario, "kiln", contender, Figures::wallSeconds)
                .ifPresent(value -> node.put("kilnWallRatio", value));
        outcome.ratio(workload, scenario, "kiln", contender, Figures::cpuSeconds)
                .ifPresent(value -> node.put("kilnCpuRatio", value));
    }
}
