package build.kiln.builder.source.git;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Serves a folder's repositories with the real `git http-backend`.
public final class GitHttpServer implements AutoCloseable {

    private static final Path BACKEND = Path.of("/usr/lib/git-core/git-http-backend");

    private final HttpServer server;
    private final Path root;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private volatile @Nullable String credentials;
    private volatile @Nullable String redirectTo;
    private volatile int status;

    private GitHttpServer(HttpServer server, Path root) {
        this.server = server;
        this.root = root;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public static GitHttpServer start(Path root) throws IOException {
        assumeTrue(Files.isExecutable(BACKEND), BACKEND + " is missing; install the package \"git\"");
        return new GitHttpServer(HttpServer.create(loopback(), 0), root);
    }

    static GitHttpServer startTls(Path root, SSLContext tls) throws IOException {
        assumeTrue(Files.isExecutable(BACKEND), BACKEND + " is missing; install the package \"git\"");
        HttpsServer server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new GitHttpServer(server, root);
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /// `user:password` that every request must have.
    public GitHttpServer requires(String credentials) {
        this.credentials = credentials;
        return this;
    }

    /// Sends everything to another server.
    GitHttpServer redirectsTo(String base) {
        redirectTo = base;
        return this;
    }

    /// Answers everything with this status.
    GitHttpServer answers(int status) {
        this.status = status;
        return this;
    }

    int port() {
        return server.getAddress().getPort();
    }

    public String url() {
        return (server instanceof HttpsServer ? "https" : "http") + "://localhost:" + port();
    }

    /// The Authorization headers that came, `none` for requests without one.
    List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    /// The scheme's name is the same in small letters.
    private boolean isAuthorized(@Nullable String authorization) {
        String expected = basic(String.valueOf(credentials));
        return authorization != null
                && authorization.regionMatches(true, 0, expected, 0, "Basic ".length())
                && authorization.substring("Basic ".length()).equals(expected.substring("Basic ".length()));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(authorization == null ? "none" : authorization);
            if (status != 0) {
                exchange.sendResponseHeaders(status, -1);
            } else if (redirectTo != null) {
                exchange.getResponseHeaders().add("Location", redirectTo + exchange.getRequestURI());
                exchange.sendResponseHeaders(302, -1);
            } else if (credentials != null && !isAuthorized(authorization)) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
            } else {
                backend(exchange);
            }
        }
    }

    static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private void backend(HttpExchange exchange) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(BACKEND.toString());
        Map<String, String> environment = builder.environment();
        environment.putAll(Map.of(
                "GIT_PROJECT_ROOT",
                root.toString(),
                "GIT_HTTP_EXPORT_ALL",
                "1",
                "GIT_CONFIG_GLOBAL",
                "/dev/null",
                "PATH_INFO",
                exchange.getRequestURI().getPath(),
                "REQUEST_METHOD",
                exchange.getRequestMethod(),
                "REMOTE_ADDR",
                "127.0.0.1"));
        put(environment, "QUERY_STRING", exchange.getRequestURI().getRawQuery());
        put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
        put(environment, "CONTENT_LENGTH", exchange.getRequestHeaders().getFirst("Content-Length"));
        put(environment, "HTTP_CONTENT_ENCODING", exchange.getRequestHeaders().getFirst("Content-Encoding"));
        put(environment, "HTTP_GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            exchange.getRequestBody().transferTo(in);
        }
        try (InputStream out = new BufferedInputStream(process.getInputStream())) {
            int answer = 200;
            for (String line = line(out); !line.isEmpty(); line = line(out)) {
                String name = line.substring(0, line.indexOf(':'));
                String value = line.substring(line.indexOf(':') + 1).strip();
                if (name.equals("Status")) {
                    answer = Integer.parseInt(value.substring(0, 3));
                } else {
                    exchange.getResponseHeaders().add(name, value);
                }
            }
            exchange.sendResponseHeaders(answer, 0);
            out.transferTo(exchange.getResponseBody());
        }
    }

    private static void put(Map<String, String> environment, String name, @Nullable String value) {
        if (value != null) {
            environment.put(name, value);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
