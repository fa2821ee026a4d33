package build.kiln.bench.operator;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// An operator that runs as it does in its image: the same flags, and the memory limit of the chart.
public final class OperatorProcess {

    private static final String MAIN = "build.kiln.operator.app.Operator";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    /// How operators are started.
    ///
    /// @param javaOptions the file with the flags of the image
    /// @param classPath of the operator
    /// @param memory the container's memory limit, as `-XX:MaxRAM` takes it: what the heap's size is derived from
    /// @param log where its lines go; those of all operators
    public record Settings(Path javaOptions, String classPath, String memory, Path log) {}

    private final Process process;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    private OperatorProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts it, and does not wait.
    ///
    /// @param environment besides where it serves probes and metrics
    public static OperatorProcess start(Settings settings, Path kubeconfig, Map<String, String> environment)
            throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + settings.javaOptions(),
                "-XX:MaxRAM=" + settings.memory(),
                "-cp",
                settings.classPath(),
                MAIN));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(settings.log().toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().keySet().removeIf(name -> name.startsWith("KILN_"));
        // As its image has it.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("KILN_HTTP_ADDRESS", "127.0.0.1:" + port);
        builder.environment().putAll(environment);
        return new OperatorProcess(builder.start(), port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Waits for its end.
    ///
    /// @return whether it has ended
    public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit);
    }

    /// Whether it says that it does not work and should be started anew. One that does not answer says nothing.
    public boolean isBroken() throws InterruptedException {
        return get("/healthz").map(r -> r.statusCode() == 503).orElse(false);
    }

    /// Waits until its caches are filled.
    ///
    /// @return false if it ended, or took too long
    public boolean awaitReady() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            if (get("/readyz").map(r -> r.statusCode() == 200).orElse(false)) {
                return true;
            }
            Thread.sleep(LOOK_AGAIN);
        }
        return false;
    }

    /// Its metrics in Prometheus' text format; empty if it does not answer.
    public String metrics() throws InterruptedException {
        return get("/metrics").map(HttpResponse::body).orElse("");
    }

    /// The most memory that it has ever had resident, in bytes; 0 if it has ended.
    public long peakBytes() {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /// What it has taken of processors so far.
    public double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    }

    /// Ends it as a crash does: it can do nothing about it.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// Lets it stand still in the middle of what it does.
    public void suspend() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// Lets it go on.
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("Process " + pid() + " cannot be sent SIG" + name + ".");
        }
    }

    /// Ends it as a cluster does.
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            kill();
        }
    }

    private java.util.Optional<HttpResponse<String>> get(String path) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return java.util.Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return java.util.Optional.empty();
        }
    }
}
