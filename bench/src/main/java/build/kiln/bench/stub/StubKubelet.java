package build.kiln.bench.stub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The part of a kubelet that an API server asks for logs: `/containerLogs/<namespace>/<pod>/<container>`, by HTTPS
/// with
/// a certificate of its own making, as kubelets have it.
public final class StubKubelet implements AutoCloseable {

    private static final String PASSWORD = "of-no-secret";

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
    public static StubKubelet start(InetAddress address, Logs logs) throws IOException, InterruptedException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 512);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate()));
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

    /// Made by the JDK's own keytool: there is no public API for it.
    private static SSLContext certificate() throws IOException, InterruptedException {
        Path store = Files.createTempFile("kiln-bench", ".p12");
        Files.delete(store);
        try {
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "kubelet",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=kiln-bench",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            PASSWORD)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool ended with exit status " + keytool.exitValue() + ".");
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("The certificate of the node cannot be made: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(store);
        }
    }
}
