package build.kiln.bench.app;

import build.kiln.bench.operator.ApiTarget;
import build.kiln.bench.operator.OperatorProcess;
import build.kiln.bench.operator.ScaleOutcome;
import build.kiln.bench.operator.ScaleRun;
import build.kiln.bench.operator.ScaleSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kiln bench operator`: the operator with thousands of ImageBuilds.
@Command(
        name = "operator",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the operator, a process of its own, with many ImageBuilds and a node that only pretends to run pods.",
            "docs/bench.md says what is measured and how to read it."
        })
final class OperatorCommand implements Callable<Integer> {

    private static final int FAILED = 1;

    private final Path home;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "A cluster without ImageBuilds. Default: the embedded API server.")
    private @Nullable Path kubeconfig;

    @Option(names = "--resources", paramLabel = "N", description = "How many ImageBuilds. Default: 1000.")
    private int resources = 1000;

    @Option(names = "--running", paramLabel = "N", description = "How many of them run at once. Default: 500.")
    private int running = 500;

    @Option(
            names = "--run-seconds",
            paramLabel = "N",
            description = "How long a builder pod runs on average. Default: 60.")
    private int runSeconds = 60;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "The memory limit that the operator's heap is sized by. Default: 512m, the chart's.")
    private String memory = "512m";

    @Option(names = "--json", description = "Print one line of JSON at the end, and all else on standard error.")
    private boolean json;

    OperatorCommand(Path home, PrintStream out, PrintStream err) {
        this.home = home;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintStream people = json ? err : out;
        Path folder = Files.createDirectories(home.resolve("target/bench-operator"));
        Path log = folder.resolve("operator.log");
        Files.deleteIfExists(log);
        OperatorProcess.Settings operators = new OperatorProcess.Settings(
                home.resolve("images/operator/java-options"), System.getProperty("java.class.path"), memory, log);
        ScaleSettings settings = new ScaleSettings(resources, running, Duration.ofSeconds(runSeconds));
        try (ApiTarget target =
                kubeconfig == null ? ApiTarget.embedded(folder, Clock.systemUTC()) : ApiTarget.of(kubeconfig)) {
            String run = Long.toString(System.currentTimeMillis(), 36);
            ScaleOutcome outcome = new ScaleRun(target, operators, settings, run, people)
                    .measure(home.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml"));
            out.println(outcome.json());
            return outcome.duplicatePods() == 0 && outcome.stuck() == 0 ? 0 : FAILED;
        }
    }
}
