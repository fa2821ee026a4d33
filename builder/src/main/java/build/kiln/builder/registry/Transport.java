package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Sends requests to registries: finds the scheme, authorizes, follows redirects, tries again.
final class Transport implements AutoCloseable {

    private static final int MOST_REDIRECTS = 10;
    private static final int MIRROR_ATTEMPTS = 2;

    private final RegistrySettings settings;
    private final Wire wire;
    private final Authority authority;
    private final Failures failures;

    Transport(RegistrySettings settings, Credentials credentials, Failures failures) {
        this.settings = settings;
        this.wire = new Wire(settings);
        this.failures = failures;
        this.authority = new Authority(settings, wire, credentials, failures);
    }

    /// Sends a short request until it has a final answer, whatever its status.
    ///
    /// @throws RegistryFailure `RegistryUnavailable` after the last attempt, or `RegistryUntrusted`
    Reply call(Errand errand, Place place, Call call) throws InterruptedException {
        Attempts attempts = attempts(place);
        while (true) {
            try {
                Reply reply = once(errand, place, call);
                if (!Reply.worthAnotherTry(reply.status())) {
                    return reply;
                }
                pause(errand, place, call, reply, attempts);
            } catch (IOException e) {
                pause(errand, place, e, attempts);
            }
        }
    }

    /// Sends a short request in one attempt.
    Reply once(Errand errand, Place place, Call call) throws IOException, InterruptedException {
        place.endpoint().requests.acquire();
        try (Answer answer = open(errand, place, call)) {
            return answer.whole();
        } finally {
            place.endpoint().requests.release();
        }
    }

    Attempts attempts(Place place) {
        RetryPolicy all = settings.retry();
        return new Attempts(
                place.mirror()
                        ? new RetryPolicy(
                                Math.min(all.attempts(), MIRROR_ATTEMPTS), all.firstDelay(), all.longestDelay())
                        : all);
    }

    /// Waits for the next attempt after an answer of the kind that may change.
    void pause(Errand errand, Place place, Call call, Reply reply, Attempts attempts) throws InterruptedException {
        Duration asked = Reply.retryAfter(reply.headers(), settings.clock().instant());
        if (!attempts.again(asked)) {
            throw failures.unavailable(errand, place, call.described(), reply, attempts, asked);
        }
    }

    /// Waits for the next attempt after an error of the wire.
    void pause(Errand errand, Place place, IOException e, Attempts attempts) throws InterruptedException {
        String host = place.endpoint().host;
        Optional<RegistryFailure> last = failures.permanent(errand, host, e);
        if (last.isPresent()) {
            throw last.get();
        }
        if (!attempts.again(Duration.ZERO)) {
            throw failures.unreachable(errand, host, e, attempts);
        }
    }

    /// Sends a request once, with as many messages as authorization and redirects take.
    Answer open(Errand errand, Place place, Call call) throws IOException, InterruptedException {
        URI uri = uri(errand, place, call.target());
        boolean learnt = false;
        for (int hops = 0; hops <= MOST_REDIRECTS; ) {
            boolean own = place.endpoint().owns(uri);
            String authorization = own ? authority.authorization(errand, place, call.scope()) : null;
            HttpResponse<InputStream> response =
                    wire.send(request(uri, call, authorization, call.timeout()), place.endpoint().insecure);
            Answer answer = answer(response, uri);
            if (answer.status() == 401
                    && own
                    && !learnt
                    && authority.learn(place, call.scope(), answer.headers(), authorization)) {
                learnt = true;
                answer.close();
                continue;
            }
            URI next = redirect(errand, place, call, answer, uri);
            if (next == null) {
                return answer;
            }
            answer.close();
            uri = next;
            hops++;
        }
        throw failures.corrupt(errand, call.described() + " was redirected more than " + MOST_REDIRECTS + " times.");
    }

    /// Starts a request whose body is still to come; neither challenges nor redirects are answered.
    CompletableFuture<Answer> start(Errand errand, Place place, Call call) throws IOException, InterruptedException {
        URI uri = uri(errand, place, call.target());
        String authorization = place.endpoint().owns(uri) ? authority.authorization(errand, place, call.scope()) : null;
        return wire.client(uri, place.endpoint().insecure)
                .sendAsync(request(uri, call, authorization, null), HttpResponse.BodyHandlers.ofInputStream())
                .thenApply(response -> answer(response, uri));
    }

    private static HttpRequest request(URI uri, Call call, @Nullable String authorization, @Nullable Duration timeout) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).method(call.method(), call.body()).header("User-Agent", "kiln");
        call.headers().forEach(request::header);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (timeout != null) {
            request.timeout(timeout);
        }
        return request.build();
    }

    private Answer answer(HttpResponse<InputStream> response, URI uri) {
        InputStream body =
                new GuardedStream(response.body(), settings.timeouts().idle());
        return new Answer(response.statusCode(), response.headers(), body, uri);
    }

    private @Nullable URI redirect(Errand errand, Place place, Call call, Answer answer, URI from) {
        boolean follows = switch (answer.status()) {
            case 301, 302, 303 -> call.method().equals("GET") || call.method().equals("HEAD");
            case 307, 308 -> call.repeatable();
            default -> false; // any other status of the wire is an answer
        };
        String location = answer.headers().firstValue("Location").orElse("");
        if (!follows || location.isEmpty()) {
            return null;
        }
        URI next;
        try {
            next = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw failures.corrupt(errand, call.described() + " was redirected to what is not a URL.");
        }
        boolean web = "https".equals(next.getScheme()) || "http".equals(next.getScheme());
        boolean downgrade = "https".equals(from.getScheme()) && "http".equals(next.getScheme());
        if (!web || next.getHost() == null || downgrade && !place.endpoint().insecure) {
            throw failures.corrupt(
                    errand,
                    call.described() + " was redirected from HTTPS to " + next.getScheme() + " on " + next.getHost()
                            + ".");
        }
        return next;
    }

    /// The absolute form of a path, or of the location that the registry gave for an upload.
    private URI uri(Errand errand, Place place, String target) throws IOException, InterruptedException {
        URI base = base(place.endpoint());
        try {
            URI uri = base.resolve(target);
            // A registry behind a proxy that ends TLS may not know its own scheme.
            boolean unaware = base.getScheme().equals("https")
                    && "http".equals(uri.getScheme())
                    && base.getHost().equals(uri.getHost());
            return unaware
                    ? base.resolve(uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()))
                    : uri;
        } catch (IllegalArgumentException e) {
            throw failures.corrupt(errand, place.endpoint().host + " gave a location that is not a URL.");
        }
    }

    /// Scheme, host and port of the registry; finds out the scheme where that is not given.
    private URI base(Endpoint endpoint) throws IOException, InterruptedException {
        URI known = endpoint.base;
        if (known != null) {
            return known;
        }
        endpoint.probing.lockInterruptibly();
        try {
            URI found = endpoint.base;
            if (found == null) {
                found = probe(endpoint);
                endpoint.base = found;
            }
            return found;
        } finally {
            endpoint.probing.unlock();
        }
    }

    private URI probe(Endpoint endpoint) throws IOException, InterruptedException {
        URI https = URI.create("https://" + endpoint.authority());
        URI http = URI.create("http://" + endpoint.authority());
        if (endpoint.isLoopback()) {
            return probeLoopback(endpoint, https, http);
        }
        if (!endpoint.insecure) {
            return https;
        }
        try {
            ping(endpoint, https);
            return https;
        } catch (IOException e) {
            ping(endpoint, http);
            return http;
        }
    }

    /// Plain HTTP first: nobody listens on a loopback, and TLS costs a cold JVM a third of a second. A TLS server says
    /// 400 to plain HTTP, or hangs up.
    private URI probeLoopback(Endpoint endpoint, URI https, URI http) throws IOException, InterruptedException {
        IOException trouble = null;
        try {
            if (ping(endpoint, http) != 400) {
                return http;
            }
        } catch (ConnectException e) {
            throw e;
        } catch (IOException e) {
            trouble = e;
        }
        try {
            ping(endpoint, https);
            return https;
        } catch (IOException e) {
            if (Words.has(e, CertificateException.class)) {
                throw e;
            }
            if (trouble != null) {
                throw trouble;
            }
            return http;
        }
    }

    /// Asks for the API's root, without credentials; a challenge in the answer is kept.
    private int ping(Endpoint endpoint, URI base) throws IOException, InterruptedException {
        Call call = Call.of("GET", "/v2/", Scope.NONE, settings.timeouts().answer());
        URI uri = base.resolve("/v2/");
        try (Answer answer = answer(wire.send(request(uri, call, null, call.timeout()), endpoint.insecure), uri)) {
            if (answer.status() == 401) {
                endpoint.challenge = Challenge.parse(answer.headers().allValues("WWW-Authenticate"));
            }
            return answer.status();
        }
    }

    @Override
    public void close() {
        wire.close();
    }
}
