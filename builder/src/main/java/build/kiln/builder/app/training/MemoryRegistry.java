package build.kiln.builder.app.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A registry in memory, on the loopback interface: as much of the distribution specification as a build needs, for one
/// process that trusts itself. It checks nothing.
final class MemoryRegistry implements AutoCloseable {

    private static final byte[] NOTHING = {};

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    private final AtomicInteger uploadNumber = new AtomicInteger();

    private record Manifest(String mediaType, byte[] json) {}

    private MemoryRegistry(HttpServer server) {
        this.server = server;
    }

    static MemoryRegistry start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        MemoryRegistry registry = new MemoryRegistry(server);
        server.setExecutor(registry.threads);
        server.createContext("/v2/", registry::answer);
        server.start();
        return registry;
    }

    /// Host and port.
    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String last = path.substring(path.lastIndexOf('/') + 1);
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (path.contains("/blobs/uploads/")) {
                upload(exchange, path, last, body);
            } else if (path.contains("/blobs/")) {
                send(exchange, "application/octet-stream", blobs.get(last));
            } else if (path.contains("/manifests/")) {
                manifest(exchange, path, body);
            } else {
                respond(exchange, 200, NOTHING);
            }
        }
    }

    private void upload(HttpExchange exchange, String path, String last, byte[] body) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                String id = "u" + uploadNumber.incrementAndGet();
                uploads.put(id, new ByteArrayOutputStream());
                exchange.getResponseHeaders().set("Location", path + id);
                respond(exchange, 202, NOTHING);
            }
            case "DELETE" -> {
                uploads.remove(last);
                respond(exchange, 204, NOTHING);
            }
            default -> {
                ByteArrayOutputStream content = uploads.getOrDefault(last, new ByteArrayOutputStream());
                content.write(body);
                boolean isComplete = exchange.getRequestMethod().equals("PUT");
                if (isComplete) {
                    blobs.put(digest(content.toByteArray()), content.toByteArray());
                }
                exchange.getResponseHeaders().set("Location", path);
                exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, content.size() - 1));
                exchange.getResponseHeaders().set("Docker-Content-Digest", query.substring(query.indexOf('=') + 1));
                respond(exchange, isComplete ? 201 : 202, NOTHING);
            }
        }
    }

    private void manifest(HttpExchange exchange, String path, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            Manifest manifest = new Manifest(exchange.getRequestHeaders().getFirst("Content-Type"), body);
            manifests.put(path, manifest);
            manifests.put(path.substring(0, path.lastIndexOf('/') + 1) + digest(body), manifest);
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest(body));
            respond(exchange, 201, NOTHING);
            return;
        }
        Manifest manifest = manifests.get(path);
        send(exchange, manifest == null ? "" : manifest.mediaType(), manifest == null ? null : manifest.json());
    }

    private static void send(HttpExchange exchange, String mediaType, byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            respond(exchange, 404, NOTHING);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.getResponseHeaders().set("Docker-Content-Digest", digest(bytes));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(200, -1);
        } else {
            respond(exchange, 200, bytes);
        }
    }

    private static void respond(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
