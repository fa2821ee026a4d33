package build.kiln.operator.hook;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/// `POST /hooks/<namespace>/<name>`, on an address of its own.
///
/// Who does not know the secret learns nothing: for him, what exists and what does not are the same. Neither secrets
/// nor
/// bodies are in any log or answer.
public final class Hooks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    private static final Pattern PATH = Pattern.compile(
            "/hooks/(?<namespace>[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)/(?<name>[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)");

    /// A push of thousands of commits has some.
    private static final int MOST_BYTES = 5 << 20;

    /// A push of a few commits has less.
    private static final int FEW_BYTES = 64 << 10;

    /// So many requests are in hand at once, each with the first [#FEW_BYTES] of its body.
    private static final int MOST_AT_ONCE = 128;

    /// So many of them may have more than that.
    private static final int MOST_LARGE_AT_ONCE = 8;

    private static final int MOST_TRIES = 5;

    private final HttpServer server;
    private final HookSecrets secrets;
    private final DueBuilds builds;
    private final Clock clock;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);
    private final Semaphore roomForLarge = new Semaphore(MOST_LARGE_AT_ONCE);

    private Hooks(HttpServer server, HookSecrets secrets, DueBuilds builds, Clock clock) {
        this.server = server;
        this.secrets = secrets;
        this.builds = builds;
        this.clock = clock;
    }

    /// @param address port 0 takes any that is free
    public static Hooks start(InetSocketAddress address, HookSecrets secrets, DueBuilds builds, Clock clock)
            throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        Hooks hooks = new Hooks(server, secrets, builds, clock);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", hooks::handle);
        server.start();
        return hooks;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /// @param status of HTTP
    private record Answer(int status, String text) {}

    private static final Answer REFUSED = new Answer(
            401, "The signature is missing or wrong, or there is no secret for this path. See docs/rebuild.md.");

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, within(room, exchange, () -> answer(exchange)));
        }
    }

    private interface Answering {
        Answer answer() throws IOException;
    }

    /// Nobody waits: who finds no room is told to come again.
    private static Answer within(Semaphore room, HttpExchange exchange, Answering answering) throws IOException {
        if (!room.tryAcquire()) {
            exchange.getResponseHeaders().set("Retry-After", "5");
            return new Answer(503, "Too many requests at once; send it again.");
        }
        try {
            return answering.answer();
        } catch (RuntimeException e) {
            LoggingEventBuilder line = LOG.atWarn();
            Matcher path = PATH.matcher(exchange.getRequestURI().getRawPath());
            if (path.matches()) {
                line = line.addKeyValue("namespace", path.group("namespace")).addKeyValue("name", path.group("name"));
            }
            line.log("A webhook could not be answered: {}", e.toString());
            return new Answer(503, "The cluster does not answer; send it again.");
        } finally {
            room.release();
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            return new Answer(405, "Use POST.");
        }
        byte[] start = exchange.getRequestBody().readNBytes(FEW_BYTES + 1);
        return start.length <= FEW_BYTES
                ? answer(exchange, start)
                : within(roomForLarge, exchange, () -> answerLarge(exchange, start));
    }

    private Answer answerLarge(HttpExchange exchange, byte[] start) throws IOException {
        byte[] body = new SequenceInputStream(new ByteArrayInputStream(start), exchange.getRequestBody())
                .readNBytes(MOST_BYTES + 1);
        return body.length > MOST_BYTES
                ? new Answer(413, "The body has more than " + MOST_BYTES + " bytes.")
                : answer(exchange, body);
    }

    private Answer answer(HttpExchange exchange, byte[] body) {
        Matcher path = PATH.matcher(exchange.getRequestURI().getRawPath());
        boolean isOne = path.matches();
        byte[] secret = isOne ? secrets.of(path.group("namespace"), path.group("name")) : new byte[0];
        if (!Signature.isRight(exchange.getRequestHeaders(), body, secret, clock.instant())) {
            return REFUSED;
        }
        String event = Push.event(exchange.getRequestHeaders());
        if (event.equals("ping")) {
            return new Answer(200, "The signature is right.");
        }
        if (!Push.isPush(event)) {
            return new Answer(202, "Ignored: it is no push.");
        }
        try {
            return pushed(path.group("namespace"), path.group("name"), Push.parse(body));
        } catch (IOException e) {
            return new Answer(400, "The body cannot be read: " + e.getMessage() + ".");
        }
    }

    private Answer pushed(String namespace, String name, Push push) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<ImageBuild> build = builds.get(namespace, name);
            if (build.isEmpty()) {
                return new Answer(404, "There is no ImageBuild " + namespace + "/" + name + ".");
            }
            Optional<String> whyNot = push.whyNot(build.get().getSpec().source());
            if (whyNot.isPresent()) {
                return new Answer(202, "Ignored: " + whyNot.get());
            }
            if (builds.isDue(build.get())) {
                return new Answer(202, "A build is due already.");
            }
            String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
            DueBuild due = new DueBuild("Webhook", now, push.commit().isEmpty() ? null : push.commit());
            if (builds.write(build.get(), due)) {
                LOG.atInfo()
                        .addKeyValue("namespace", namespace)
                        .addKeyValue("name", name)
                        .addKeyValue("generation", build.get().getMetadata().getGeneration())
                        .log("A push makes a build due");
                return new Answer(202, "A build is due.");
            }
        }
        return new Answer(503, "The resource changes all the time; send it again.");
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = (answer.text() + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
