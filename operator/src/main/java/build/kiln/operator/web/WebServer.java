package build.kiln.operator.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// `/healthz`, `/readyz` and `/metrics`.
public final class WebServer implements AutoCloseable {

    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;

    private WebServer(HttpServer server) {
        this.server = server;
    }

    /// @param address port 0 takes any that is free
    /// @param isHealthy the operator works; otherwise it should be started anew
    /// @param isReady its caches are filled
    public static WebServer start(
            InetSocketAddress address, BooleanSupplier isHealthy, BooleanSupplier isReady, Supplier<String> metrics)
            throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/healthz", exchange -> probe(exchange, isHealthy));
        server.createContext("/readyz", exchange -> probe(exchange, isReady));
        server.createContext("/metrics", exchange -> answer(exchange, 200, PROMETHEUS_TEXT, metrics.get()));
        server.createContext("/", exchange -> answer(exchange, 404, "text/plain", "Not found.\n"));
        server.start();
        return new WebServer(server);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void probe(HttpExchange exchange, BooleanSupplier holds) throws IOException {
        boolean yes = holds.getAsBoolean();
        answer(exchange, yes ? 200 : 503, "text/plain", yes ? "ok\n" : "not yet\n");
    }

    private static void answer(HttpExchange exchange, int code, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
