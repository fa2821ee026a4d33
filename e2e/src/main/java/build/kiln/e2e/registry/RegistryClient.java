package build.kiln.e2e.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/// One registry, over HTTPS or, where it speaks that, plain HTTP. Knows basic authentication and no other.
public final class RegistryClient {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final String MANIFESTS =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
    private static final int MAX_MANIFEST_BYTES = 4 << 20;

    private final HttpClient http;
    private final String address;
    private final boolean isPlain;
    private final Optional<Login> login;

    /// Who asks.
    public record Login(String user, String password) {

        /// As HTTP wants it, and Docker's `config.json`.
        public String basic() {
            return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }
    }

    private RegistryClient(HttpClient http, String address, boolean isPlain, Optional<Login> login) {
        this.http = http;
        this.address = address;
        this.isPlain = isPlain;
        this.login = login;
    }

    /// Finds out how the registry wants to be spoken to. HTTPS is tried first.
    ///
    /// @param address `host:port`
    /// @param authority a PEM file with the certificate of the authority that the registry's is from
    /// @throws RegistryFailure if nobody answers, or the login is not taken
    public static RegistryClient connect(String address, Optional<Path> authority, Optional<Login> login)
            throws InterruptedException {
        HttpClient http = Trust.client(authority);
        RegistryClient secure = new RegistryClient(http, address, false, login);
        try {
            secure.ping();
            return secure;
        } catch (ConnectException e) {
            throw unreachable(address, e);
        } catch (IOException e) {
            // What is not TLS answers it with an error, by closing, or not at all.
            if (authority.isPresent()) {
                throw new RegistryFailure(
                        "The registry %s cannot be spoken to over TLS with the authority in %s: %s."
                                .formatted(address, authority.get(), e.getMessage()),
                        e);
            }
        }
        RegistryClient plain = new RegistryClient(http, address, true, login);
        try {
            plain.ping();
            return plain;
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    private static RegistryFailure unreachable(String address, IOException e) {
        return new RegistryFailure(
                "The registry %s does not answer (%s). It has to be reached from here and from the cluster's pods and nodes."
                        .formatted(address, e),
                e);
    }

    private void ping() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(request("", "").GET().build(), BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new RegistryFailure("The registry %s answers %d to GET /v2/%s."
                    .formatted(
                            address,
                            answer.statusCode(),
                            login.map(l -> " for the user \"" + l.user() + "\"").orElse("")));
        }
    }

    public String address() {
        return address;
    }

    /// True if the registry has no TLS.
    public boolean isPlain() {
        return isPlain;
    }

    /// @param reference a tag or a digest
    /// @throws RegistryFailure if there is none
    byte[] manifest(String repository, String reference) throws InterruptedException {
        HttpRequest request = request(repository, "/manifests/" + reference)
                .header("Accept", MANIFESTS)
                .GET()
                .build();
        try (InputStream body =
                expect(200, request, BodyHandlers.ofInputStream()).body()) {
            byte[] bytes = body.readNBytes(MAX_MANIFEST_BYTES + 1);
            if (bytes.length > MAX_MANIFEST_BYTES) {
                throw new RegistryFailure(
                        "The manifest %s of %s has more than 4 MiB.".formatted(reference, repository));
            }
            return bytes;
        } catch (IOException e) {
            throw broken(request, e);
        }
    }

    /// The digest that a tag leads to.
    ///
    /// @throws RegistryFailure if there is no such tag
    public String resolve(String repository, String tag) throws InterruptedException {
        return Digests.of(manifest(repository, tag));
    }

    /// The caller closes it, and computes its digest.
    InputStream blob(String repository, String digest) throws InterruptedException {
        HttpRequest request = request(repository, "/blobs/" + digest).GET().build();
        return expect(200, request, BodyHandlers.ofInputStream()).body();
    }

    /// Sends a blob unless the registry has it.
    void pushBlob(String repository, String digest, BodyPublisher content) throws InterruptedException {
        HttpRequest head = request(repository, "/blobs/" + digest).HEAD().build();
        if (send(head, BodyHandlers.discarding()).statusCode() == 200) {
            return;
        }
        HttpRequest open = request(repository, "/blobs/uploads/")
                .POST(BodyPublishers.noBody())
                .build();
        HttpResponse<Void> opened = expect(202, open, BodyHandlers.discarding());
        String location = opened.headers()
                .firstValue("Location")
                .orElseThrow(() ->
                        new RegistryFailure("The registry %s opened an upload without a Location.".formatted(address)));
        URI target = open.uri().resolve(location + (location.contains("?") ? "&" : "?") + "digest=" + digest);
        expect(
                201,
                authorized(HttpRequest.newBuilder(target))
                        .header("Content-Type", "application/octet-stream")
                        .PUT(content)
                        .build(),
                BodyHandlers.discarding());
    }

    void pushManifest(String repository, String reference, String mediaType, byte[] manifest)
            throws InterruptedException {
        expect(
                201,
                request(repository, "/manifests/" + reference)
                        .header("Content-Type", mediaType)
                        .PUT(BodyPublishers.ofByteArray(manifest))
                        .build(),
                BodyHandlers.discarding());
    }

    private HttpRequest.Builder request(String repository, String path) {
        String base = (isPlain ? "http://" : "https://") + address + "/v2/";
        return authorized(HttpRequest.newBuilder(URI.create(base + repository + path)));
    }

    private HttpRequest.Builder authorized(HttpRequest.Builder request) {
        login.ifPresent(l -> request.header("Authorization", "Basic " + l.basic()));
        return request.timeout(TIMEOUT);
    }

    private <T> HttpResponse<T> expect(int status, HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws InterruptedException {
        HttpResponse<T> answer = send(request, handler);
        if (answer.statusCode() != status) {
            throw new RegistryFailure("%s %s answers %d; expected was %d."
                    .formatted(request.method(), request.uri(), answer.statusCode(), status));
        }
        return answer;
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws InterruptedException {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw broken(request, e);
        }
    }

    private static RegistryFailure broken(HttpRequest request, IOException e) {
        return new RegistryFailure("%s %s broke off: %s.".formatted(request.method(), request.uri(), e), e);
    }
}
