package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.Tool;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real registry with a certificate of its own authority and a password file.
class TlsIT {

    private static final TestImage IMAGE = TestImage.of(51, 1 << 20);

    @TempDir
    static Path shared;

    static DockerRegistry server;

    @TempDir
    Path folder;

    private ImageReference app;
    private RegistrySettings settings;

    @BeforeAll
    static void start() throws Exception {
        server = DockerRegistry.withTlsAndPassword(shared);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void logIn() throws Exception {
        app = ImageReference.parse(server.host() + "/team/app:1");
        Path config = folder.resolve("config.json");
        Files.writeString(
                config, "{\"auths\":{\"" + server.host() + "\":{\"username\":\"ci-bot\",\"password\":\"s3cret\"}}}");
        settings = FaultsTest.QUICK.withAuthFiles(List.of(config));
    }

    private void roundTrip(RegistrySettings with) throws Exception {
        try (Registry registry = Registry.open(with)) {
            IMAGE.push(registry, app);
            PulledImage pulled = registry.image(app, TestImage.PLATFORM);
            try (InputStream layer =
                    registry.pull(app, pulled.manifest().layers().getFirst())) {
                assertThat(layer.readAllBytes()).isEqualTo(IMAGE.layer());
            }
        }
    }

    private Path certsDir() throws Exception {
        Path own = Files.createDirectories(folder.resolve("certs.d").resolve(server.host()));
        Files.copy(server.authority(), own.resolve("ca.crt"));
        return folder.resolve("certs.d");
    }

    private Path conf() throws Exception {
        return Files.writeString(
                folder.resolve("registries.conf"),
                "[[registry]]\nlocation = \"" + server.host() + "\"\ninsecure = true\n");
    }

    @Test
    void authorityFromItsFileIsTrusted() throws Exception {
        roundTrip(settings.withCaFiles(List.of(server.authority())));
    }

    @Test
    void authorityFromCertsDirIsTrusted() throws Exception {
        roundTrip(settings.withCertsDirs(List.of(folder.resolve("missing"), certsDir())));
    }

    @Test
    void insecureRegistryIsBelieved() throws Exception {
        roundTrip(settings.withRegistriesConf(conf()));
    }

    @Test
    void http2IsSpokenWhereTheRegistryOffersIt() throws Exception {
        try (Wire wire = new Wire(settings.withCaFiles(List.of(server.authority())))) {
            HttpResponse<InputStream> response = wire.send(
                    HttpRequest.newBuilder(server.uri().resolve("/v2/")).build(), false);
            response.body().close();
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(401);
        }
    }

    @Test
    void unknownAuthorityIsSaidWithWhatToDo() {
        try (Registry registry = Registry.open(settings)) {
            assertThat(failing(Reason.RegistryUntrusted, () -> registry.resolve(app)))
                    .hasMessage("Pull of " + app + " ended without result: the TLS certificate of " + server.host()
                            + " is signed by an authority that is not trusted here. Put the authority's certificate in"
                            + " PEM form into certs.d/" + server.host() + "/ca.crt.");
        }
    }

    @Test
    void certificateForAnotherNameIsSaid() {
        ImageReference other = ImageReference.parse(server.host().replace("127.0.0.1", "localhost") + "/team/app:1");
        try (Registry registry = Registry.open(settings.withCaFiles(List.of(server.authority())))) {
            assertThat(failing(Reason.RegistryUntrusted, () -> registry.resolve(other)))
                    .hasMessage("Pull of " + other + " ended without result: the TLS certificate of " + other.registry()
                            + " is not for that name (No subject alternative DNS name matching localhost found)."
                            + " Use a name that the certificate holds, or have it issued for this one.");
        }
    }

    @Test
    void wrongPasswordIsSaidWithUserAndPlace() throws Exception {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\":{\"" + server.host() + "\":{\"username\":\"ci-bot\",\"password\":\"wrong\"}}}");
        RegistrySettings wrong = settings.withAuthFiles(List.of(config))
                .withCaFiles(List.of(server.authority()))
                .withCredentialNames("spec.pod.imagePullSecrets", "spec.output.pushSecret");
        try (Registry registry = Registry.open(wrong)) {
            assertThat(failing(Reason.PushDenied, () -> registry.checkPush(app)))
                    .hasMessage("Push to " + app + " was refused: POST /v2/team/app/blobs/uploads/ answered 401"
                            + " UNAUTHORIZED for user \"ci-bot\". Nothing was uploaded. Allow \"ci-bot\" to push to"
                            + " team/app, or name other credentials in spec.output.pushSecret.");
        }
    }

    @Test
    void plainHttpWhereTlsIsExpectedIsSaid() throws Exception {
        try (DockerRegistry plain = DockerRegistry.plain(folder.resolve("plain"));
                Wire wire = new Wire(settings)) {
            // Loopback registries may speak plain HTTP, so the question is put one floor below.
            java.io.IOException trouble = catchThrowableOfType(
                    java.io.IOException.class,
                    () -> wire.send(
                            HttpRequest.newBuilder(URI.create("https://" + plain.host() + "/v2/"))
                                    .build(),
                            false));
            Failures failures = new Failures(settings, new Credentials(List.of(), settings.store()));
            ImageReference image = ImageReference.parse(plain.host() + "/a:1");
            assertThat(failures.permanent(Errand.pull(image), plain.host(), trouble)
                            .orElseThrow())
                    .hasMessage("Pull of " + image + " ended without result: " + plain.host()
                            + " answered in plain HTTP where HTTPS was expected. If this registry has no TLS on purpose,"
                            + " give it a [[registry]] table with insecure = true in registries.conf.");
        }
    }

    @Test
    void caFileThatIsNoneIsNamed() throws Exception {
        Path none = Files.writeString(folder.resolve("none.pem"), "nothing");
        try (Registry registry = Registry.open(settings.withCaFiles(List.of(none)))) {
            assertThat(catchThrowableOfType(RequestFailure.class, () -> registry.resolve(app)))
                    .hasMessage(none + ": The file does not hold certificates in PEM form. Correct the file, or take it"
                            + " out of the certificates' folder.");
        }
    }

    @Test
    void clientKeyInAnotherFormIsNamed() throws Exception {
        Path certs = certsDir();
        Path own = certs.resolve(server.host());
        Tool.run(
                own,
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "client.key",
                "-out",
                "client.cert",
                "-days",
                "2",
                "-subj",
                "/CN=client");
        roundTrip(settings.withCertsDirs(List.of(certs)));
        Tool.run(own, "openssl", "rsa", "-traditional", "-in", "client.key", "-out", "client.key");
        try (Registry registry = Registry.open(settings.withCertsDirs(List.of(certs)))) {
            assertThat(catchThrowableOfType(RequestFailure.class, () -> registry.resolve(app)))
                    .hasMessage(own.resolve("client.key") + ": The client key is not an unencrypted key in PKCS #8 form"
                            + " (\"BEGIN PRIVATE KEY\"); \"openssl pkcs8 -topk8 -nocrypt\" writes it so. Correct the"
                            + " file, or take it out of the certificates' folder.");
        }
    }

    private static RegistryFailure failing(Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
        RegistryFailure failure = catchThrowableOfType(RegistryFailure.class, work);
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).isEqualTo(reason);
        return failure;
    }
}
