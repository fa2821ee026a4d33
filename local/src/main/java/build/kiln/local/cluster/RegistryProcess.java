package build.kiln.local.cluster;

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
import java.util.concurrent.TimeUnit;

/// The registry: the real `docker-registry`, on a free port of the loopback interface, with plain HTTP.
public final class RegistryProcess implements AutoCloseable {

    private static final int TRIES = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final int port;

    private RegistryProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts it with what the folder has from before.
    ///
    /// @throws ClusterFailure if it is not installed or does not start
    public static RegistryProcess start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        for (int i = 0; i < TRIES; i++) {
            int port = freePort();
            Process process = launch(folder, port);
            if (answers(process, port)) {
                return new RegistryProcess(process, port);
            }
            process.destroyForcibly().waitFor();
        }
        throw new ClusterFailure("The registry does not start; its own words are in " + folder.resolve("log") + ".");
    }

    private static Process launch(Path folder, int port) throws IOException {
        Path settings = folder.resolve("config.yml");
        Files.writeString(settings, """
                version: 0.1
                log: {level: warn, accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: "%s"}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(folder.resolve("storage"), port));
        try {
            // The shell waits for the registry, and ends it when the input ends: so it does not outlive this process.
            return new ProcessBuilder(
                            "/bin/sh",
                            "-c",
                            "exec 3<&0; docker-registry serve \"$1\" </dev/null 3<&- & registry=$!;"
                                    + " { read -r _; kill $registry; } <&3 >/dev/null 2>&1 & exec 3<&-; wait $registry",
                            "registry",
                            settings.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new ClusterFailure("The registry cannot be started: " + e.getMessage(), e);
        }
    }

    private static boolean answers(Process process, int port) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/"))
                .timeout(Duration.ofSeconds(2))
                .build();
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (process.isAlive() && System.nanoTime() < end) {
                try {
                    return client.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200;
                } catch (IOException e) {
                    Thread.sleep(50);
                }
            }
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Host and port.
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
