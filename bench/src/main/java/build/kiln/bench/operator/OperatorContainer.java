package build.kiln.bench.operator;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/// The container of the operator: its process is started again when it ends by itself, as a cluster does it. Sums up
/// what
/// all its processes took.
final class OperatorContainer {

    private final OperatorProcess.Settings settings;
    private final Path kubeconfig;
    private final Map<String, String> environment;
    private final PrintStream people;
    private OperatorProcess process;
    private RequestCount requests = new RequestCount(Map.of());
    private double requestsBefore;
    private double cpuSeconds;
    private double cpuSecondsBefore;
    private long peakBytes;

    private OperatorContainer(
            OperatorProcess.Settings settings,
            Path kubeconfig,
            Map<String, String> environment,
            PrintStream people,
            OperatorProcess process) {
        this.settings = settings;
        this.kubeconfig = kubeconfig;
        this.environment = Map.copyOf(environment);
        this.people = people;
        this.process = process;
    }

    /// Starts it, and waits until its caches are filled.
    static OperatorContainer start(
            OperatorProcess.Settings settings, Path kubeconfig, Map<String, String> environment, PrintStream people)
            throws IOException, InterruptedException {
        return new OperatorContainer(
                settings, kubeconfig, environment, people, process(settings, kubeconfig, environment));
    }

    private static OperatorProcess process(
            OperatorProcess.Settings settings, Path kubeconfig, Map<String, String> environment)
            throws IOException, InterruptedException {
        OperatorProcess process = OperatorProcess.start(settings, kubeconfig, environment);
        if (!process.awaitReady()) {
            process.kill();
            throw new IOException("The operator did not start. Its last words are in " + settings.log() + ".");
        }
        return process;
    }

    /// Looks whether it lives, and what it has taken so far.
    void look() throws IOException, InterruptedException {
        peakBytes = Math.max(peakBytes, process.peakBytes());
        if (!process.isAlive()) {
            people.println("the operator has ended by itself, and is started again; why is in " + settings.log());
            startAgain();
        }
    }

    /// Asks it for its own count of requests. One that dies takes with it what it sent since.
    void count() throws InterruptedException {
        RequestCount now = RequestCount.of(process.metrics());
        if (now.total() > 0) {
            requests = now;
        }
        cpuSeconds = process.isAlive() ? process.cpuSeconds() : cpuSeconds;
    }

    void kill() throws InterruptedException {
        count();
        peakBytes = Math.max(peakBytes, process.peakBytes());
        process.kill();
    }

    /// After it was killed, or has ended.
    void startAgain() throws IOException, InterruptedException {
        requestsBefore += requests.total();
        cpuSecondsBefore += cpuSeconds;
        requests = new RequestCount(Map.of());
        cpuSeconds = 0;
        process = process(settings, kubeconfig, environment);
    }

    void stop() throws InterruptedException {
        process.stop();
    }

    /// The most memory that a process of it ever had resident.
    long peakBytes() {
        return peakBytes;
    }

    double requests() {
        return requestsBefore + requests.total();
    }

    double cpuSeconds() {
        return cpuSecondsBefore + cpuSeconds;
    }

    /// Of the process that runs.
    RequestCount requestsOfNow() {
        return requests;
    }
}
