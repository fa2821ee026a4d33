package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.protocol.BuildRequest;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Flux has fetched, from a server like Flux's.
class FluxArtifactTest {

    @TempDir
    private Path own;

    private HttpServer server;
    private byte[] artifact;

    @BeforeEach
    void start() throws IOException {
        artifact = artifact();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/gitrepository/team-a/web/1.tar.gz", exchange -> {
            exchange.getResponseHeaders().set("Last-Modified", "Sat, 01 Mar 2025 12:00:00 GMT");
            exchange.sendResponseHeaders(200, artifact.length);
            exchange.getResponseBody().write(artifact);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theFilesAreTheArtifactsAndTheTimeOfTheServersFileIsNoPartOfThem() throws Exception {
        SourceTree tree = new FluxArtifact(flux("1.tar.gz", "sha256:" + digest("SHA-256"))).obtain(work());
        assertThat(tree.root().resolve("Dockerfile")).hasContent("FROM scratch\n");
        assertThat(tree.revision()).isEqualTo("main@sha1:c0ffee");
        assertThat(tree.time()).isNull();
        assertThat(new FluxArtifact(flux("1.tar.gz", "sha512:" + digest("SHA-512")))
                        .obtain(work())
                        .root())
                .isDirectoryContaining("glob:**/Dockerfile");
    }

    @Test
    void anotherContentThanFluxSaysIsNotBuilt() {
        BuildFailure failure = failure(flux("1.tar.gz", "sha256:" + "0".repeat(64)));
        assertThat(failure.reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure).hasMessageContaining("should have sha256:" + "0".repeat(64));
    }

    /// Flux has a newer one then: the operator takes it for the next attempt.
    @Test
    void anArtifactThatIsGoneIsTriedAgain() throws Exception {
        BuildFailure failure = failure(flux("0.tar.gz", "sha256:" + digest("SHA-256")));
        assertThat(failure.reason()).isEqualTo(Reason.SourceUnavailable);
        assertThat(failure)
                .hasMessage("spec.source.flux: Flux no longer has the artifact main@sha1:c0ffee of GitRepository web: "
                        + url("0.tar.gz")
                        + " is not there. It keeps the newest ones alone; the next attempt takes the one that it has"
                        + " then.");
    }

    @Test
    void aDigestThatCannotBeCheckedIsRefusedWithWhatToDo() {
        BuildFailure failure = failure(flux("1.tar.gz", "blake3:" + "0".repeat(64)));
        assertThat(failure.reason()).isEqualTo(Reason.NotSupportedYet);
        assertThat(failure)
                .hasMessage(
                        "spec.source.flux: the artifact of GitRepository web cannot be checked: its digest algorithm \"blake3\" is none of sha256, sha384 and sha512. Start Flux's source-controller with --artifact-digest-algo=sha256.");
    }

    private BuildFailure failure(BuildRequest.Source.Flux flux) {
        return catchThrowableOfType(BuildFailure.class, () -> new FluxArtifact(flux).obtain(work()));
    }

    private BuildRequest.Source.Flux flux(String file, String digest) {
        return new BuildRequest.Source.Flux("GitRepository web", url(file), digest, "main@sha1:c0ffee");
    }

    private String url(String file) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/gitrepository/team-a/web/" + file;
    }

    private Path work() throws IOException {
        return Files.createTempDirectory(own, "work");
    }

    private String digest(String algorithm) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(artifact));
    }

    private static byte[] artifact() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            byte[] content = "FROM scratch\n".getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry("Dockerfile");
            entry.setSize(content.length);
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }
}
