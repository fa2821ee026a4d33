package build.kiln.builder.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A registry in memory that misbehaves when it is asked to: any request can be given a [Fault].
public final class FakeRegistry implements AutoCloseable {

    /// What goes wrong with one request.
    public enum Fault {
        NONE,
        /// 429, the request is not looked at.
        TOO_MANY_REQUESTS,
        /// 429 with a Retry-After of an hour, which nobody waits for; the request is not looked at.
        BUSY_FOR_AN_HOUR,
        /// 500, the request is not looked at.
        INTERNAL_ERROR,
        /// 503 with a Retry-After of no time at all.
        UNAVAILABLE,
        /// 400 DIGEST_INVALID to a manifest, as of a registry that reads a file which another push is writing; other
        /// requests are served.
        HALF_WRITTEN_LINK,
        /// The connection is closed before an answer; the request is not looked at.
        HANG_UP,
        /// The request is done, and the connection closed before the answer.
        LOSE_ANSWER,
        /// The connection is closed in the middle of the request's body; a request without one is served.
        RESET_IN_BODY,
        /// 429 in the middle of the request's body, of which the rest is not read; a request without one is served.
        REFUSE_IN_BODY,
        /// The request's body is read in small pieces.
        SLOW_BODY,
        /// No more than a part of the request's body is read, and the connection stays open; a request without one is
        /// served.
        STALL_IN_BODY,
        /// The answer's body ends in the middle, with the connection.
        TRUNCATE,
        /// The answer's body stops in the middle, and the connection stays open.
        STALL,
        /// The answer's body comes in small pieces.
        SLOW,
        /// One byte of the answer's body is another one.
        WRONG_BYTE,
        /// 307 to the same registry under another origin (a GET or HEAD only; other requests are served).
        REDIRECT
    }

    /// How it wants to be told who asks. The user is `ci-bot`, the password `s3cret`.
    public enum Auth {
        NONE,
        BASIC,
        BEARER
    }

    public record Request(
            String method,
            String path,
            String query,
            @Nullable String authorization) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private static final Pattern ROUTE = Pattern.compile("/v2/(.+)/(manifests|blobs/uploads|blobs)/([^/]*)");

    private static final Pattern SUBJECT = Pattern.compile("\"subject\":\\{[^}]*\"digest\":\"([^\"]+)\"");

    /// Of a request's body.
    private static final int PART_BYTES = 64 << 10;

    private final HttpServer server;
    private final HttpServer elsewhere;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Request> strayed = new CopyOnWriteArrayList<>();
    private final List<String> tokenRequests = new CopyOnWriteArrayList<>();
    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicInteger active = new AtomicInteger();
    private volatile Function<Integer, Fault> faults = _ -> Fault.NONE;
    private volatile Function<Request, @Nullable Integer> denials = _ -> null;
    private volatile Auth auth = Auth.NONE;
    private volatile boolean keepsReferrers;
    private volatile boolean closing;

    private FakeRegistry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
        elsewhere.setExecutor(threads);
        elsewhere.createContext("/", this::serveElsewhere);
        elsewhere.start();
    }

    public static FakeRegistry start() {
        return new FakeRegistry();
    }

    /// `127.0.0.1:port`.
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public URI uri() {
        return URI.create("http://" + host());
    }

    public void require(Auth kind) {
        auth = kind;
    }

    /// Says of a manifest with a subject that it has been put on the list of what refers to it.
    public void keepReferrers() {
        keepsReferrers = true;
    }

    /// @param script the fault of each request, counted from 0 since the last [#forget]
    public void misbehave(Function<Integer, Fault> script) {
        faults = script;
    }

    /// @param status of the answer to a request; null to serve it
    public void deny(Function<Request, @Nullable Integer> status) {
        denials = status;
    }

    /// Forgets the requests so far.
    public void forget() {
        requests.clear();
        strayed.clear();
        tokenRequests.clear();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /// Requests that followed a redirect to the other origin.
    public List<Request> strayed() {
        return List.copyOf(strayed);
    }

    /// Method, query or body of what the token server was asked.
    public List<String> tokenRequests() {
        return List.copyOf(tokenRequests);
    }

    public byte @Nullable [] blob(String repository, String digest) {
        return blobs.get(repository + "@" + digest);
    }

    /// Waits until it is done with what clients have sent, of whom some may be gone.
    public void awaitIdle() {
        while (active.get() > 0) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    /// How many uploads are neither finished nor cancelled.
    public int openUploads() {
        return uploads.size();
    }

    /// How many blobs a repository has.
    public long blobCount(String repository) {
        return blobs.keySet().stream()
                .filter(key -> key.startsWith(repository + "@"))
                .count();
    }

    /// Whether a tag or digest leads to a manifest.
    public boolean hasManifest(String repository, String reference) {
        return manifests.containsKey(repository + ":" + reference);
    }

    public void putBlob(String repository, byte[] bytes) {
        blobs.put(repository + "@" + digest(bytes), bytes);
    }

    /// Stores whatever bytes under a tag or digest.
    public void putManifest(String repository, String reference, String mediaType, byte[] bytes) {
        manifests.put(repository + ":" + reference, bytes);
        types.put(repository + ":" + reference, mediaType);
    }

    private void serveElsewhere(HttpExchange exchange) throws IOException {
        try (exchange) {
            strayed.add(request(exchange));
            answer(exchange, Fault.NONE);
        } catch (HangUp e) {
            exchange.close();
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        active.incrementAndGet();
        try {
            serveOne(exchange);
        } finally {
            active.decrementAndGet();
        }
    }

    private void serveOne(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = request(exchange);
            if (request.path().equals("/token")) {
                token(exchange, request);
                return;
            }
            int number;
            synchronized (requests) {
                number = requests.size();
                requests.add(request);
            }
            Fault fault = faults.apply(number);
            switch (fault) {
                case TOO_MANY_REQUESTS -> error(exchange, 429, "TOOMANYREQUESTS");
                case BUSY_FOR_AN_HOUR -> {
                    exchange.getResponseHeaders().set("Retry-After", "3600");
                    error(exchange, 429, "TOOMANYREQUESTS");
                }
                case INTERNAL_ERROR -> error(exchange, 500, "UNKNOWN");
                case UNAVAILABLE -> {
                    exchange.getResponseHeaders().set("Retry-After", "0");
                    error(exchange, 503, "UNAVAILABLE");
                }
                case HALF_WRITTEN_LINK -> {
                    if (request.method().equals("PUT") && request.path().contains("/manifests/")) {
                        error(exchange, 400, "DIGEST_INVALID");
                    } else {
                        admit(exchange, request, Fault.NONE);
                    }
                }
                case HANG_UP -> throw new HangUp();
                case REDIRECT -> redirect(exchange, request);
                case NONE,
                        RESET_IN_BODY,
                        REFUSE_IN_BODY,
                        SLOW_BODY,
                        STALL_IN_BODY,
                        LOSE_ANSWER,
                        TRUNCATE,
                        STALL,
                        SLOW,
                        WRONG_BYTE -> admit(exchange, request, fault);
            }
        } catch (HangUp e) {
            exchange.close();
        }
    }

    private static Request request(HttpExchange exchange) {
        URI uri = exchange.getRequestURI();
        return new Request(
                exchange.getRequestMethod(),
                uri.getPath(),
                String.valueOf(uri.getQuery()),
                exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private void redirect(HttpExchange exchange, Request request) throws IOException {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            admit(exchange, request, Fault.NONE);
            return;
        }
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        "http://127.0.0.1:" + elsewhere.getAddress().getPort() + request.path()
                                + "?signature=very-secret");
        exchange.sendResponseHeaders(307, -1);
    }

    private void admit(HttpExchange exchange, Request request, Fault fault) throws IOException {
        Integer denied = denials.apply(request);
        if (denied != null) {
            error(exchange, denied, denied == 403 ? "DENIED" : denied == 401 ? "UNAUTHORIZED" : "UNSUPPORTED");
            return;
        }
        String expected = switch (auth) {
            case NONE -> null;
            case BASIC -> basic();
            case BEARER -> "Bearer token-" + tokens.get();
        };
        if (expected != null && !expected.equals(request.authorization())) {
            exchange.getResponseHeaders()
                    .set(
                            "WWW-Authenticate",
                            auth == Auth.BASIC
                                    ? "Basic realm=\"fake\""
                                    : "Bearer realm=\"" + uri() + "/token\",service=\"fake\"");
            error(exchange, 401, "UNAUTHORIZED");
            return;
        }
        answer(exchange, fault);
    }

    private static String basic() {
        return "Basic " + Base64.getEncoder().encodeToString("ci-bot:s3cret".getBytes(StandardCharsets.UTF_8));
    }

    /// The tokens that were given out are worth nothing any more.
    public void expireTokens() {
        tokens.incrementAndGet();
    }

    private void token(HttpExchange exchange, Request request) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        tokenRequests.add(request.method() + " " + (body.isEmpty() ? request.query() : body));
        boolean known = body.contains("refresh_token=refresh-me") || basic().equals(request.authorization());
        Integer denied = denials.apply(request);
        if (!known || denied != null) {
            error(exchange, denied == null ? 401 : denied, "UNAUTHORIZED");
            return;
        }
        byte[] json = ("{\"token\":\"token-" + tokens.incrementAndGet() + "\",\"expires_in\":300}")
                .getBytes(StandardCharsets.UTF_8);
        send(exchange, 200, json, Fault.NONE);
    }

    private void answer(HttpExchange exchange, Fault fault) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/v2/")) {
            send(exchange, 200, "{}".getBytes(StandardCharsets.UTF_8), fault);
            return;
        }
        Matcher route = ROUTE.matcher(path);
        if (!route.matches()) {
            error(exchange, 404, "UNSUPPORTED");
            return;
        }
        String repository = route.group(1);
        String last = route.group(3);
        switch (route.group(2)) {
            case "manifests" -> manifest(exchange, repository, last, fault);
            case "blobs" -> blob(exchange, repository, last, fault);
            default -> upload(exchange, repository, last, fault);
        }
    }

    private void manifest(HttpExchange exchange, String repository, String reference, Fault fault) throws IOException {
        String key = repository + ":" + reference;
        if (exchange.getRequestMethod().equals("PUT")) {
            byte[] bytes = body(exchange, fault);
            String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            putManifest(repository, reference, type, bytes);
            putManifest(repository, digest(bytes), type, bytes);
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest(bytes));
            Matcher subject = SUBJECT.matcher(new String(bytes, StandardCharsets.UTF_8));
            if (keepsReferrers && subject.find()) {
                exchange.getResponseHeaders().set("OCI-Subject", subject.group(1));
            }
            send(exchange, 201, new byte[0], fault);
            return;
        }
        byte[] bytes = manifests.get(key);
        if (bytes == null) {
            error(exchange, 404, "MANIFEST_UNKNOWN");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", String.valueOf(types.get(key)));
        exchange.getResponseHeaders().set("Docker-Content-Digest", digest(bytes));
        send(exchange, 200, bytes, fault);
    }

    private void blob(HttpExchange exchange, String repository, String digest, Fault fault) throws IOException {
        byte[] bytes = blobs.get(repository + "@" + digest);
        if (bytes == null) {
            error(exchange, 404, "BLOB_UNKNOWN");
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            send(exchange, 200, bytes, fault);
            return;
        }
        int from = Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        send(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length), fault);
    }

    private void upload(HttpExchange exchange, String repository, String id, Fault fault) throws IOException {
        Map<String, String> query = query(exchange.getRequestURI());
        if (id.isEmpty()) {
            String mounted = query.get("mount");
            byte[] known = mounted == null ? null : blobs.get(query.get("from") + "@" + mounted);
            if (known != null) {
                blobs.put(repository + "@" + mounted, known);
                send(exchange, 201, new byte[0], fault);
                return;
            }
            String fresh = UUID.randomUUID().toString();
            uploads.put(fresh, new ByteArrayOutputStream());
            exchange.getResponseHeaders().set("Location", location(repository, fresh));
            send(exchange, 202, new byte[0], fault);
            return;
        }
        ByteArrayOutputStream upload = uploads.get(id);
        if (upload == null) {
            error(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
            return;
        }
        switch (exchange.getRequestMethod()) {
            case "PATCH" -> {
                upload.write(body(exchange, fault));
                exchange.getResponseHeaders().set("Location", location(repository, id));
                send(exchange, 202, new byte[0], fault);
            }
            case "PUT" -> {
                upload.write(body(exchange, fault));
                uploads.remove(id);
                byte[] bytes = upload.toByteArray();
                if (!digest(bytes).equals(query.get("digest"))) {
                    error(exchange, 400, "DIGEST_INVALID");
                    return;
                }
                putBlob(repository, bytes);
                send(exchange, 201, new byte[0], fault);
            }
            default -> {
                uploads.remove(id);
                send(exchange, 204, new byte[0], fault);
            }
        }
    }

    /// The request's body, as far as the fault lets it come.
    private byte[] body(HttpExchange exchange, Fault fault) throws IOException {
        InputStream in = exchange.getRequestBody();
        if (fault == Fault.SLOW_BODY) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part = in.readNBytes(PART_BYTES); part.length > 0; part = in.readNBytes(PART_BYTES)) {
                all.write(part);
                LockSupport.parkNanos(2_000_000);
            }
            return all.toByteArray();
        }
        if (fault == Fault.RESET_IN_BODY || fault == Fault.REFUSE_IN_BODY || fault == Fault.STALL_IN_BODY) {
            in.readNBytes(PART_BYTES);
            if (fault == Fault.REFUSE_IN_BODY) {
                answerError(exchange, 429, "TOOMANYREQUESTS");
            }
            while (fault == Fault.STALL_IN_BODY && !closing) {
                LockSupport.parkNanos(20_000_000);
            }
            throw new HangUp();
        }
        return in.readAllBytes();
    }

    private static String location(String repository, String id) {
        return "/v2/" + repository + "/blobs/uploads/" + id + "?_state=opaque";
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> all = new HashMap<>();
        for (String pair : String.valueOf(uri.getQuery()).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return all;
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
        answerError(exchange, status, code);
    }

    private static void answerError(HttpExchange exchange, int status, String code) throws IOException {
        byte[] json = ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"said by the fake\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, json.length);
        exchange.getResponseBody().write(json);
    }

    private void send(HttpExchange exchange, int status, byte[] body, Fault fault) throws IOException {
        if (fault == Fault.LOSE_ANSWER) {
            throw new HangUp();
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        if (body.length == 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        byte[] sent = body.clone();
        if (fault == Fault.WRONG_BYTE) {
            sent[sent.length / 2] ^= 1;
        }
        exchange.sendResponseHeaders(status, sent.length);
        OutputStream out = exchange.getResponseBody();
        switch (fault) {
            case TRUNCATE -> {
                out.write(sent, 0, sent.length / 2);
                out.flush();
                throw new HangUp();
            }
            case STALL -> {
                out.write(sent, 0, sent.length / 2);
                out.flush();
                while (!closing) {
                    LockSupport.parkNanos(20_000_000);
                }
                throw new HangUp();
            }
            case SLOW -> {
                int step = Math.max(sent.length / 5, 1);
                for (int at = 0; at < sent.length; at += step) {
                    out.write(sent, at, Math.min(step, sent.length - at));
                    out.flush();
                    LockSupport.parkNanos(10_000_000);
                }
            }
            case NONE,
                    TOO_MANY_REQUESTS,
                    BUSY_FOR_AN_HOUR,
                    INTERNAL_ERROR,
                    UNAVAILABLE,
                    HALF_WRITTEN_LINK,
                    HANG_UP,
                    RESET_IN_BODY,
                    REFUSE_IN_BODY,
                    SLOW_BODY,
                    STALL_IN_BODY,
                    LOSE_ANSWER,
                    WRONG_BYTE,
                    REDIRECT -> out.write(sent);
        }
    }

    public static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closing = true;
        server.stop(0);
        elsewhere.stop(0);
        threads.shutdownNow();
    }

    private static final class HangUp extends RuntimeException {}
}
