package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Answers challenges: passwords as they are, tokens fetched once for each scope and kept until they expire.
final class Authority {

    private static final long SHORTEST_LIFE_SECONDS = 60; // what the token protocol says where expires_in is missing

    private final RegistrySettings settings;
    private final Wire wire;
    private final Credentials credentials;
    private final Failures failures;
    private final Map<Wanted, Slot> tokens = new ConcurrentHashMap<>();

    private record Wanted(String host, Scope scope) {}

    /// A token to be, with the lock of who fetches it.
    private static final class Slot {
        final ReentrantLock fetching = new ReentrantLock();
        List<String> extraScopes = List.of();

        @Nullable
        String token;

        Instant useUntil = Instant.MIN;
    }

    Authority(RegistrySettings settings, Wire wire, Credentials credentials, Failures failures) {
        this.settings = settings;
        this.wire = wire;
        this.credentials = credentials;
        this.failures = failures;
    }

    /// The header's value for a request; null where the registry has not asked for any, or there is nothing to say.
    @Nullable
    String authorization(Errand errand, Place place, Scope scope) throws InterruptedException {
        Challenge challenge = place.endpoint().challenge;
        return switch (challenge) {
            case null -> null;
            case Challenge.Unknown _ -> null;
            case Challenge.Basic _ -> basic(credentials.find(place.endpoint().host, place.repository()));
            case Challenge.Bearer bearer -> "Bearer " + token(errand, place, bearer, scope);
        };
    }

    /// Learns from a 401.
    ///
    /// @param used the authorization that was refused; null if none was sent
    /// @return whether the same request is worth sending again
    boolean learn(Place place, Scope scope, HttpHeaders refusal, @Nullable String used) throws InterruptedException {
        List<String> headers = refusal.allValues("WWW-Authenticate");
        Challenge challenge = Challenge.parse(headers);
        if (challenge instanceof Challenge.Unknown) {
            return false;
        }
        place.endpoint().challenge = challenge;
        if (!(challenge instanceof Challenge.Bearer bearer)) {
            return used == null
                    && credentials.find(place.endpoint().host, place.repository()) instanceof Credential.Password;
        }
        Slot slot = slot(place, scope);
        slot.fetching.lockInterruptibly();
        try {
            slot.extraScopes = bearer.scopes();
            if (("Bearer " + slot.token).equals(used)) {
                slot.token = null;
            }
        } finally {
            slot.fetching.unlock();
        }
        return true;
    }

    private Slot slot(Place place, Scope scope) {
        return tokens.computeIfAbsent(
                new Wanted(place.endpoint().host + "/" + place.repository(), scope), _ -> new Slot());
    }

    private static @Nullable String basic(Credential credential) {
        return credential instanceof Credential.Password password
                ? "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (password.user() + ":" + password.secret()).getBytes(StandardCharsets.UTF_8))
                : null;
    }

    private String token(Errand errand, Place place, Challenge.Bearer bearer, Scope scope) throws InterruptedException {
        Slot slot = slot(place, scope);
        slot.fetching.lockInterruptibly();
        try {
            String known = slot.token;
            if (known != null && settings.clock().instant().isBefore(slot.useUntil)) {
                return known;
            }
            JsonNode answer = fetch(errand, place, bearer, scope.and(slot.extraScopes));
            String token =
                    answer.path("token").asText(answer.path("access_token").asText(""));
            long life = Math.max(answer.path("expires_in").asLong(SHORTEST_LIFE_SECONDS), 1);
            slot.token = token;
            slot.useUntil = settings.clock().instant().plusMillis(life * 800);
            return token;
        } finally {
            slot.fetching.unlock();
        }
    }

    private JsonNode fetch(Errand errand, Place place, Challenge.Bearer bearer, Scope scope)
            throws InterruptedException {
        URI realm = bearer.realm();
        if (realm.getScheme().equals("http") && !mayBePlain(place.endpoint())) {
            throw failures.corrupt(
                    errand,
                    place.endpoint().host + " names a token server without TLS (" + realm.getAuthority()
                            + "); no credentials were sent to it.");
        }
        Credential credential = credentials.find(place.endpoint().host, place.repository());
        HttpRequest request = request(bearer, scope, credential);
        Attempts attempts = new Attempts(settings.retry());
        while (true) {
            try {
                Reply reply = send(request, place.endpoint().insecure);
                if (reply.isSuccess()) {
                    return read(errand, realm, reply);
                }
                Duration asked =
                        Reply.retryAfter(reply.headers(), settings.clock().instant());
                if (!Reply.worthAnotherTry(reply.status())) {
                    throw failures.tokenDenied(errand, place, realm, reply, credential);
                }
                if (!attempts.again(asked)) {
                    throw failures.unavailable(
                            errand, place, "the token server " + realm.getAuthority(), reply, attempts, asked);
                }
            } catch (IOException e) {
                RegistryFailure last =
                        failures.permanent(errand, realm.getAuthority(), e).orElse(null);
                if (last != null) {
                    throw last;
                }
                if (!attempts.again(Duration.ZERO)) {
                    throw failures.unreachable(errand, "the token server " + realm.getAuthority(), e, attempts);
                }
            }
        }
    }

    private static boolean mayBePlain(Endpoint endpoint) {
        URI base = endpoint.base;
        return endpoint.insecure || base != null && base.getScheme().equals("http");
    }

    private Reply send(HttpRequest request, boolean insecure) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = wire.send(request, insecure);
        return new Answer(
                        response.statusCode(),
                        response.headers(),
                        new GuardedStream(response.body(), settings.timeouts().idle()),
                        request.uri())
                .whole();
    }

    private JsonNode read(Errand errand, URI realm, Reply reply) {
        try {
            JsonNode answer = Json.parse(reply.body());
            if (!answer.path("token")
                    .asText(answer.path("access_token").asText(""))
                    .isEmpty()) {
                return answer;
            }
        } catch (IllegalArgumentException e) {
            throw failures.corrupt(errand, "the token server " + realm.getAuthority() + " did not answer with JSON.");
        }
        throw failures.corrupt(errand, "the token server " + realm.getAuthority() + " answered without a token.");
    }

    private HttpRequest request(Challenge.Bearer bearer, Scope scope, Credential credential) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder().timeout(settings.timeouts().answer());
        List<String> fields = new ArrayList<>();
        if (!bearer.service().isEmpty()) {
            fields.add(field("service", bearer.service()));
        }
        if (credential instanceof Credential.IdentityToken identity) {
            fields.add(field("grant_type", "refresh_token"));
            fields.add(field("client_id", "kiln"));
            fields.add(field("scope", String.join(" ", scope.grants())));
            fields.add(field("refresh_token", identity.secret()));
            return request.uri(bearer.realm())
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(String.join("&", fields)))
                    .build();
        }
        scope.grants().forEach(grant -> fields.add(field("scope", grant)));
        String basic = basic(credential);
        if (basic != null) {
            request.header("Authorization", basic);
        }
        String realm = bearer.realm().toString();
        return request.uri(URI.create(realm + (realm.contains("?") ? "&" : "?") + String.join("&", fields)))
                .build();
    }

    private static String field(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
