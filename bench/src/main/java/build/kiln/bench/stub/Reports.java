package build.kiln.bench.stub;

import build.kiln.bench.stub.Plan.End;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.Fault;
import build.kiln.protocol.ProgressLine;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import java.util.ArrayList;
import java.util.List;

/// What a builder says of a build with some steps: its log, and its report.
final class Reports {

    private static final String DIGEST = "sha256:" + "5eed".repeat(16);
    private static final List<String> STEPS = List.of(
            "FROM registry.example.com/base:1",
            "COPY pom.xml /src/",
            "RUN mvn dependency:go-offline",
            "COPY src /src/src",
            "RUN mvn package",
            "COPY --from=build /src/target/app.jar /app.jar");

    private Reports() {}

    /// The lines of the log, in their order: as a builder writes them, some for people and some for the operator.
    static List<String> log() {
        List<String> lines = new ArrayList<>();
        lines.add(new ProgressLine.Planned(STEPS.size(), "userns", List.of(), null, List.of()).format());
        for (int i = 1; i <= STEPS.size(); i++) {
            StepReport step = step(i);
            lines.add(new ProgressLine.StepStarted(i, STEPS.size(), step.instruction()).format());
            lines.add("#%d [%d/%d] %s".formatted(i, i, STEPS.size(), step.instruction()));
            lines.add("#%d DONE 1.0s".formatted(i));
            lines.add(new ProgressLine.StepFinished(i, STEPS.size(), step).format());
        }
        lines.add(new ProgressLine.Pushing("registry.example.com/bench").format());
        return lines;
    }

    /// The termination message; empty for a pod that could leave none.
    static String terminationMessage(String name, End end) {
        List<StepReport> steps = new ArrayList<>();
        for (int i = 1; i <= STEPS.size(); i++) {
            steps.add(step(i));
        }
        return switch (end) {
            case SUCCEEDED ->
                report(
                                new BuildReport.Result.Succeeded(
                                        "registry.example.com/bench/" + name + "@" + DIGEST,
                                        DIGEST,
                                        123_456_789,
                                        List.of("registry.example.com/bench/" + name + ":1")),
                                steps)
                        .toTerminationMessage();
            case RUN_FAILED ->
                report(
                                new BuildReport.Result.Failed(
                                        "RunFailed",
                                        Fault.USER,
                                        "Dockerfile:5: RUN ended with exit status 1 after 1.0 s.",
                                        STEPS.get(4),
                                        1,
                                        List.of("[ERROR] COMPILATION ERROR", "[ERROR] App.java:[12,8] ';' expected")),
                                steps.subList(0, 4))
                        .toTerminationMessage();
            case DISRUPTED -> "";
        };
    }

    private static BuildReport report(BuildReport.Result result, List<StepReport> steps) {
        return BuildReport.of(result, "userns", null, List.of(), steps, List.of());
    }

    private static StepReport step(int index) {
        return new StepReport(
                STEPS.get(index - 1), index < 3 ? StepOutcome.CACHED : StepOutcome.RAN, 1000, 4096, DIGEST, null);
    }
}
