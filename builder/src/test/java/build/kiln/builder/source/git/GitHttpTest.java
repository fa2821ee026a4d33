package build.kiln.builder.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Fault;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource.Places;
import build.kiln.builder.source.git.GitSource.Reach;
import build.kiln.builder.source.git.GitSource.Submodules;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real `git http-backend` on the other side of a real socket.
class GitHttpTest {

    @TempDir
    Path folder;

    private GitRepository repository;
    private String first;
    private int works;

    @BeforeEach
    void makeRepository() {
        repository = GitRepository.init(folder.resolve("web.git"));
        first = repository.commit("file", "1");
        repository.commit("file", "2");
    }

    private SourceTree obtain(String url, String revision, @Nullable Path secret) throws IOException {
        return obtain(url, revision, secret, Submodules.LEFT_OUT);
    }

    private SourceTree obtain(String url, String revision, @Nullable Path secret, Submodules submodules)
            throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        return new GitSource(url, revision, submodules, Reach.NETWORK, secret, Places.RESOURCE).obtain(work);
    }

    private BuildFailure failure(String url, String revision, @Nullable Path secret) {
        return catchThrowableOfType(BuildFailure.class, () -> obtain(url, revision, secret));
    }

    private Path secret(String... keysAndValues) throws IOException {
        Path secret = Files.createTempDirectory(folder, "secret");
        Path data = Files.createDirectory(secret.resolve("..2024"));
        Files.createSymbolicLink(secret.resolve("..data"), Path.of("..2024"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            Files.writeString(data.resolve(keysAndValues[i]), keysAndValues[i + 1]);
            Files.createSymbolicLink(secret.resolve(keysAndValues[i]), Path.of("..data/" + keysAndValues[i]));
        }
        return secret;
    }

    private static String file(SourceTree tree) throws IOException {
        return Files.readString(tree.root().resolve("file"));
    }

    @Test
    void branchesAndCommitsAreReadOverHttp() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            String url = server.url() + "/web.git";
            assertThat(file(obtain(url, "", null))).isEqualTo("2");
            assertThat(file(obtain(url, "main", null))).isEqualTo("2");
            assertThat(file(obtain(url, first, null))).isEqualTo("1");
            assertThat(file(obtain(url, first.substring(0, 7), null))).isEqualTo("1");
        }
    }

    @Test
    void credentialsOfTheSecretAreUsed() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            SourceTree tree =
                    obtain(server.url() + "/web.git", "main", secret("username", "ci-bot\n", "password", "s3cret\n"));
            assertThat(file(tree)).isEqualTo("2");
            assertThat(tree.warnings())
                    .containsExactly("The credentials for " + server.url()
                            + "/web.git are sent without encryption. Use https://.");
        }
    }

    @Test
    void aRepositoryThatWantsCredentialsSaysSo() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            BuildFailure failure = failure(server.url() + "/web.git", "main", null);
            assertThat(failure.reason()).isEqualTo(Reason.SourceDenied);
            assertThat(failure)
                    .hasMessage("spec.source.git.url: " + server.url()
                            + "/web.git cannot be read without credentials (HTTP status 401). Name a Secret with"
                            + " credentials in spec.source.git.credentialsSecret.");
        }
    }

    @Test
    void wrongCredentialsAreNamedWithoutThePassword() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            BuildFailure failure =
                    failure(server.url() + "/web.git", "main", secret("username", "ci-bot", "password", "wr0ng-pass"));
            assertThat(failure)
                    .hasMessage("spec.source.git.credentialsSecret: " + server.url()
                            + "/web.git refused user \"ci-bot\" (HTTP status 401). Correct the user name and the"
                            + " password or token in the Secret.");
            for (Throwable one = failure; one != null; one = one.getCause()) {
                assertThat(String.valueOf(one.getMessage())).doesNotContain("wr0ng-pass");
            }
        }
    }

    @Test
    void aForbiddenRepositoryIsNamed() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).answers(403)) {
            BuildFailure failure =
                    failure(server.url() + "/web.git", "main", secret("username", "ci-bot", "password", "s3cret"));
            assertThat(failure)
                    .hasMessage("spec.source.git.credentialsSecret: " + server.url()
                            + "/web.git refused user \"ci-bot\" (HTTP status 403). Allow the user to read the"
                            + " repository, or name another Secret.");
        }
    }

    @Test
    void aMissingRepositoryIsNamed() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            BuildFailure failure = failure(server.url() + "/wbe.git", "main", null);
            assertThat(failure.reason()).isEqualTo(Reason.SourceNotFound);
            assertThat(failure)
                    .hasMessage("spec.source.git.url: there is no git repository at " + server.url()
                            + "/wbe.git (HTTP status 404). Correct the URL; if the repository is private, name a Secret"
                            + " with credentials in spec.source.git.credentialsSecret.");
        }
    }

    @Test
    void aServerInTroubleIsWorthAnotherAttempt() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).answers(503)) {
            BuildFailure failure = failure(server.url() + "/web.git", "main", null);
            assertThat(failure.fault()).isEqualTo(Fault.REMOTE);
            assertThat(failure)
                    .hasMessage("spec.source.git.url: " + server.url()
                            + "/web.git answered with HTTP status 503. Check the URL and the network; then try again.");
        }
    }

    @Test
    void aServerThatIsDownIsNamed() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String url = "http://localhost:" + port + "/web.git";
        BuildFailure failure = failure(url, "main", null);
        assertThat(failure.reason()).isEqualTo(Reason.SourceUnavailable);
        assertThat(failure)
                .hasMessage("spec.source.git.url: nothing answers at localhost:" + port + ", the host of " + url
                        + ". Check the URL and the network; then try again.");
    }

    @Test
    void aHostThatIsNotKnownIsNamed() {
        String url = "https://git.invalid/web.git";
        assertThat(failure(url, "main", null))
                .hasMessage("spec.source.git.url: the host name of " + url
                        + " is not known. Check the URL and the network; then try again.");
    }

    @Test
    void aMissingRevisionIsNamed() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            String url = server.url() + "/web.git";
            assertThat(failure(url, "mian", null))
                    .hasMessage(
                            "spec.source.git.revision: " + url + " has no branch, tag or commit \"mian\". The nearest"
                                    + " names are branch \"main\". Correct the revision, or push it.");
            String id = "0123456789012345678901234567890123456789";
            assertThat(failure(url, id, null))
                    .hasMessage("spec.source.git.revision: " + url + " has no branch, tag or commit \"" + id
                            + "\". Correct the revision, or push it.");
        }
    }

    @Test
    void aRedirectIsFollowedButTakesNoCredentialsToAnotherHost() throws IOException {
        try (GitHttpServer other = GitHttpServer.start(folder);
                GitHttpServer server = GitHttpServer.start(folder).redirectsTo(other.url())) {
            Path secret = secret("username", "ci-bot", "password", "s3cret");
            assertThat(file(obtain(server.url() + "/web.git", "main", secret))).isEqualTo("2");
            assertThat(server.authorizations()).contains(GitHttpServer.basic("ci-bot:s3cret"));
            assertThat(other.authorizations()).isNotEmpty().containsOnly("none");
        }
    }

    @Test
    void anotherHostThatAsksForCredentialsGetsNone() throws IOException {
        try (GitHttpServer other = GitHttpServer.start(folder).requires("ci-bot:s3cret");
                GitHttpServer server = GitHttpServer.start(folder).redirectsTo(other.url())) {
            Path secret = secret("username", "ci-bot", "password", "s3cret");
            assertThat(failure(server.url() + "/web.git", "main", secret).reason())
                    .isEqualTo(Reason.SourceDenied);
            assertThat(other.authorizations()).isNotEmpty().containsOnly("none");
        }
    }

    @Test
    void submodulesOnAnotherHostGetNoCredentials() throws IOException {
        GitRepository inner = GitRepository.init(folder.resolve("other/inner.git"));
        inner.commit("leaf", "leaf");
        try (GitHttpServer other = GitHttpServer.start(folder.resolve("other"));
                GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            repository.git("submodule", "add", "-q", other.url() + "/inner.git", "inner");
            repository.commit();
            SourceTree tree = obtain(
                    server.url() + "/web.git",
                    "main",
                    secret("username", "ci-bot", "password", "s3cret"),
                    Submodules.FETCHED);
            assertThat(tree.root().resolve("inner/leaf")).hasContent("leaf");
            // git itself asked the other server too, when the submodule was added
            assertThat(other.authorizations()).isNotEmpty().containsOnly("none");
        }
    }

    @Test
    void relativeSubmodulesUseTheCredentialsOfTheirHost() throws IOException {
        GitRepository inner = GitRepository.init(folder.resolve("inner.git"));
        inner.commit("leaf", "leaf");
        repository.git("submodule", "add", "-q", "../inner.git", "inner");
        repository.commit();
        try (GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            SourceTree tree = obtain(
                    server.url() + "/web.git",
                    "main",
                    secret("username", "ci-bot", "password", "s3cret"),
                    Submodules.FETCHED);
            assertThat(tree.root().resolve("inner/leaf")).hasContent("leaf");
        }
    }

    @Test
    void aRepositoryOfTheNetworkCannotReadTheMachineBySubmodule() throws IOException {
        GitRepository inner = GitRepository.init(folder.resolve("inner.git"));
        inner.commit("leaf", "leaf");
        repository.git("submodule", "add", "-q", inner.url(), "inner");
        repository.commit();
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            BuildFailure failure = catchThrowableOfType(
                    BuildFailure.class, () -> obtain(server.url() + "/web.git", "main", null, Submodules.FETCHED));
            assertThat(failure)
                    .hasMessage("spec.source.git.url, submodule \"inner\": \"" + inner.url()
                            + "\" is not the address of a git repository that can be reached over the network. Write"
                            + " https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH.");
        }
    }

    @Test
    void aSecretWithOtherKeysIsNamed() throws IOException {
        BuildFailure failure = failure("https://git.invalid/web.git", "main", secret("username", "u", "token", "t"));
        assertThat(failure.reason()).isEqualTo(Reason.SecretInvalid);
        assertThat(failure)
                .hasMessage("spec.source.git.credentialsSecret: it has no key \"password\"; it has \"token\","
                        + " \"username\". Create it with type kubernetes.io/basic-auth and the keys \"username\" and"
                        + " \"password\".");
        assertThat(failure("https://git.invalid/web.git", "main", secret("username", "", "password", "t")))
                .hasMessage("spec.source.git.credentialsSecret: its key \"username\" is empty. Create it"
                        + " with type kubernetes.io/basic-auth and the keys \"username\" and \"password\".");
    }

    @Test
    void aSecretThatIsNotThereIsNamed() throws IOException {
        for (Path secret : List.of(folder.resolve("nothing"), secret())) {
            assertThat(failure("https://git.invalid/web.git", "main", secret))
                    .hasMessage(
                            "spec.source.git.credentialsSecret: the Secret is not there, or is empty. Create it with"
                                    + " type kubernetes.io/basic-auth and the keys \"username\" and \"password\".");
        }
    }

    @Test
    void aPasswordInTheUrlIsRefusedAndNotShown() {
        BuildFailure failure = failure("https://ci:s3cret@git.invalid/web.git?token=t0ken", "main", null);
        assertThat(failure)
                .hasMessage("spec.source.git.url: the URL of https://git.invalid/web.git has a password in it. Take it"
                        + " out, and name a Secret with credentials in spec.source.git.credentialsSecret.");
    }

    @Test
    void aUrlThatIsNoneIsRefused() {
        for (String url :
                List.of("", "web", "/srv/web.git", "ftp://host/web", "https://host", "ext::sh -c id", "a b")) {
            assertThat(failure(url, "main", null).reason()).as(url).isEqualTo(Reason.RequestInvalid);
        }
        assertThat(failure("ftp://u:p@host/web?q", "main", null))
                .hasMessageStartingWith(
                        "spec.source.git.url: \"ftp://host/web\" is not the address of a git repository");
    }

    @Test
    void aServerWithACertificateOfItsOwnNeedsTheAuthority() throws Exception {
        Path store = folder.resolve("tls.p12");
        GitRepository.run(
                folder,
                Map.of(),
                List.of(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-genkeypair",
                        "-alias",
                        "tls",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString()));
        String authority = GitRepository.run(
                folder,
                Map.of(),
                List.of(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-exportcert",
                        "-rfc",
                        "-alias",
                        "tls",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString()));
        try (GitHttpServer server = GitHttpServer.startTls(folder, tls(store)).requires("ci-bot:s3cret")) {
            String url = server.url() + "/web.git";
            Path without = secret("username", "ci-bot", "password", "s3cret");
            BuildFailure failure = failure(url, "main", without);
            assertThat(failure.reason()).isEqualTo(Reason.SourceUnavailable);
            assertThat(failure)
                    .hasMessageStartingWith(
                            "spec.source.git.url: the TLS connection to localhost:" + server.port() + " failed: ");
            Path with = secret("username", "ci-bot", "password", "s3cret", "ca.crt", authority);
            SourceTree tree = obtain(url, "main", with);
            assertThat(file(tree)).isEqualTo("2");
            assertThat(tree.warnings()).isEmpty();
        }
    }

    private static SSLContext tls(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        return tls;
    }
}
