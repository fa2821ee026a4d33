package build.kiln.bench.stub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The part of a kubelet that an API server asks for logs: `/containerLogs/<namespace>/<pod>/<container>`, by HTTPS.
public final class StubKubelet implements AutoCloseable {

    /// Who has the logs.
    @FunctionalInterface
    public interface Logs {
        void copy(String namespace, String pod, OutputStream out) throws IOException, InterruptedException;
    }

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private StubKubelet(HttpsServer server, Logs logs) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/containerLogs/", exchange -> answer(exchange, logs));
        server.start();
    }

    /// Starts it on a free port of an address that the API server reaches.
    ///
    /// @param node the name of the node, for which the cluster is asked to sign a certificate
    public static StubKubelet start(KubernetesClient client, String node, InetAddress address, Logs logs)
            throws IOException, InterruptedException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 512);
        server.setHttpsConfigurator(new HttpsConfigurator(new KubeletCertificate(client, node, address).context()));
        return new StubKubelet(server, logs);
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, Logs logs) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/");
            if (path.length < 4) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            logs.copy(path[2], path[3], exchange.getResponseBody());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
