package build.kiln.builder.source.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Fault;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.SourceTree;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpFileTest {

    @FunctionalInterface
    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    @TempDir
    Path folder;

    private HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private void answer(String path, Answer answer) {
        server.createContext(path, exchange -> {
            try (exchange) {
                String authorization = exchange.getRequestHeaders().getFirst("Authorization");
                requests.add(exchange.getRequestURI() + " " + authorization);
                answer.give(exchange);
            }
        });
    }

    private static void send(HttpExchange exchange, int status, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private SourceTree obtain(String url, @Nullable Digest checksum) throws IOException {
        return new HttpFile(url, checksum, "Dockerfile:4").obtain(Files.createTempDirectory(folder, "work"));
    }

    private BuildFailure failure(String url, @Nullable Digest checksum) {
        return catchThrowableOfType(BuildFailure.class, () -> obtain(url, checksum));
    }

    private static List<String> names(SourceTree tree) throws IOException {
        try (Stream<Path> files = Files.list(tree.root())) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void aFileIsFetchedWithItsNameTimeAndMode() throws IOException {
        answer("/dir/", exchange -> {
            exchange.getResponseHeaders().add("Last-Modified", "Mon, 06 May 2024 07:08:09 GMT");
            send(exchange, 200, "content");
        });
        SourceTree tree =
                obtain(url("/dir/tool%20x?token=s3cret"), Digest.of("content".getBytes(StandardCharsets.UTF_8)));
        assertThat(names(tree)).containsExactly("tool x");
        Path file = tree.root().resolve("tool x");
        assertThat(file).hasContent("content");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Instant.parse("2024-05-06T07:08:09Z"));
        assertThat(tree.time()).isEqualTo(Instant.parse("2024-05-06T07:08:09Z"));
    }

    @Test
    void aFileWithoutATimeIsFrom1970() throws IOException {
        answer("/f", exchange -> send(exchange, 200, "x"));
        SourceTree tree = obtain(url("/f"), null);
        assertThat(Files.getLastModifiedTime(tree.root().resolve("f")).toInstant())
                .isEqualTo(Instant.EPOCH);
        assertThat(tree.time()).isNull();
    }

    @Test
    void aNameThatIsGivenCountsMoreThanTheServers() throws IOException {
        answer("/f", exchange -> {
            exchange.getResponseHeaders().add("Content-Disposition", "attachment; filename=other");
            send(exchange, 200, "x");
        });
        SourceTree tree =
                new HttpFile(url("/f"), "mine", null, "Dockerfile:4").obtain(Files.createTempDirectory(folder, "work"));
        assertThat(names(tree)).containsExactly("mine");
    }

    @Test
    void aFileThatIsKnownIsNotSentAgain() throws IOException {
        answer("/f", exchange -> {
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            exchange.getResponseHeaders().add("ETag", "\"1\"");
            send(exchange, known ? 304 : 200, known ? "" : "content");
        });
        HttpFile file = new HttpFile(url("/f"), null, "Dockerfile:4");
        HttpFile.Answer.Fetched first = file.fetch(Files.createTempDirectory(folder, "work"));
        assertThat(first.entityTag()).isEqualTo("\"1\"");
        assertThat(first.content()).isEqualTo(Digest.of("content".getBytes(StandardCharsets.UTF_8)));
        assertThat(file.fetch(Files.createTempDirectory(folder, "work"), "\"1\""))
                .isEqualTo(new HttpFile.Answer.Unchanged(null));
        assertThat(file.fetch(Files.createTempDirectory(folder, "work"), "\"0\""))
                .isInstanceOf(HttpFile.Answer.Fetched.class);
    }

    @ParameterizedTest
    @CsvSource({"SHA-256,sha256", "SHA-384,sha384", "SHA-512,sha512"})
    void theContentIsComparedWithAChecksumOfItsOwnAlgorithm(String hash, String algorithm) throws Exception {
        answer("/f", exchange -> send(exchange, 200, "content"));
        byte[] bytes = MessageDigest.getInstance(hash).digest("content".getBytes(StandardCharsets.UTF_8));
        String right = HexFormat.of().formatHex(bytes);
        String wrong = (right.startsWith("0") ? "1" : "0") + right.substring(1);
        assertThat(names(obtain(url("/f"), new Digest(algorithm, right)))).containsExactly("f");
        assertThat(failure(url("/f"), new Digest(algorithm, wrong)).reason()).isEqualTo(Reason.SourceCorrupt);
    }

    @Test
    void anotherContentThanTheChecksumSaysIsRefused() {
        answer("/f", exchange -> send(exchange, 200, "x"));
        Digest expected = Digest.of("y".getBytes(StandardCharsets.UTF_8));
        BuildFailure failure = failure(url("/f?q=s3cret"), expected);
        assertThat(failure.reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure)
                .hasMessage("Dockerfile:4: " + url("/f") + " has the digest "
                        + Digest.of("x".getBytes(StandardCharsets.UTF_8)) + ", and should have " + expected
                        + ". If the file was changed on purpose, write its new digest.");
    }

    @Test
    void redirectsAreFollowedWithoutTheCredentialsForAnotherHost() throws IOException {
        answer("/old", exchange -> {
            exchange.getResponseHeaders()
                    .add("Location", "http://127.0.0.1:" + server.getAddress().getPort() + "/new/file.txt");
            send(exchange, 302, "");
        });
        answer("/new/file.txt", exchange -> send(exchange, 200, "new"));
        String withUser = url("/old").replace("//", "//ann:s3cret@");
        assertThat(names(obtain(withUser, null))).containsExactly("file.txt");
        assertThat(requests).containsExactly("/old Basic YW5uOnMzY3JldA==", "/new/file.txt null");
    }

    @Test
    void aRedirectInACircleEnds() {
        answer("/f", exchange -> {
            exchange.getResponseHeaders().add("Location", "/f");
            send(exchange, 307, "");
        });
        assertThat(failure(url("/f"), null))
                .hasMessage("Dockerfile:4: " + url("/f")
                        + " redirects more than 10 times. Write the URL that it leads to.");
    }

    @Test
    void aRedirectToAFileOfTheMachineIsNotFollowed() {
        answer("/f", exchange -> {
            exchange.getResponseHeaders().add("Location", "file:///etc/passwd");
            send(exchange, 302, "");
        });
        assertThat(failure(url("/f"), null))
                .hasMessage("Dockerfile:4: " + url("/f") + " redirects to \"file:///etc/passwd\", where Kiln does not"
                        + " follow. Write the URL of the file itself.");
    }

    @Test
    void aMissingFileAndARefusalAreNamed() {
        answer("/f", exchange -> send(exchange, 404, ""));
        answer("/g", exchange -> send(exchange, 403, ""));
        assertThat(failure(url("/f"), null))
                .hasMessage("Dockerfile:4: there is no file at " + url("/f") + " (HTTP status 404). Correct the URL.");
        assertThat(failure(url("/g"), null))
                .hasMessage(
                        "Dockerfile:4: " + url("/g") + " is not for everybody (HTTP status 403). Put the file where it"
                                + " can be read, or make it part of the build context.");
        assertThat(requests).hasSize(2);
    }

    @Test
    void aServerInTroubleIsAskedAgain() {
        answer("/f", exchange -> send(exchange, requests.size() < 3 ? 503 : 200, "x"));
        assertThat(new HttpRequests(url("/f"), "Dockerfile:4", Duration.ofMillis(1))
                        .answer()
                        .path())
                .isEqualTo("/f");
        assertThat(requests).hasSize(3);
        answer("/g", exchange -> send(exchange, 503, ""));
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class, () -> new HttpRequests(url("/g"), "Dockerfile:4", Duration.ofMillis(1)).answer());
        assertThat(failure.fault()).isEqualTo(Fault.REMOTE);
        assertThat(failure)
                .hasMessage("Dockerfile:4: " + url("/g")
                        + " answered with HTTP status 503. Check the URL; then try again.");
    }

    @Test
    void anAnswerThatBreaksOffIsNoFile() {
        answer("/f", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
        });
        BuildFailure failure = failure(url("/f"), null);
        assertThat(failure.reason()).isEqualTo(Reason.SourceUnavailable);
        assertThat(failure).hasMessageStartingWith("Dockerfile:4: reading " + url("/f") + " broke off: ");
    }

    @Test
    void aUrlThatIsNoneIsRefusedWithoutItsPassword() {
        assertThat(failure("ftp://u:s3cret@host/x?y", null))
                .hasMessage("Dockerfile:4: \"ftp://host/x\" is not a URL that a file can be fetched from. Write"
                        + " https://HOST/PATH.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                          | /a/b.txt       | b.txt",
                "                                          | /              | download",
                "                                          | /a/%2e%2e      | download",
                "                                          | /a/x%2Fy       | download",
                "attachment; filename=\"my file.txt\"      | /x             | my file.txt",
                "attachment; filename=plain.txt; size=3    | /x             | plain.txt",
                "attachment; filename*=UTF-8''na%C3%AFve   | /x             | naïve",
                "attachment; filename=\"../../etc/passwd\" | /x             | x",
                "inline                                    | /x+y           | x+y",
            })
    void theNameIsOneOfTheFolder(@Nullable String header, String path, String name) {
        assertThat(FileNames.of(header, path)).isEqualTo(name);
    }
}
