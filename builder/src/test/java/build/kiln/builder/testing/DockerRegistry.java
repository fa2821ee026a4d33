package build.kiln.builder.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A real `docker-registry` on a free loopback port, with its storage in a folder of the test's.
public final class DockerRegistry implements AutoCloseable {

    private final Process process;
    private final int port;
    private final String scheme;
    private final Path folder;

    private DockerRegistry(Process process, int port, String scheme, Path folder) {
        this.process = process;
        this.port = port;
        this.scheme = scheme;
        this.folder = folder;
    }

    /// Without TLS and without a password.
    public static DockerRegistry plain(Path folder) throws IOException, InterruptedException {
        return start(folder, freePort(), "http", "", "");
    }

    /// With TLS and the user `ci-bot` whose password is `s3cret`. The authority is at [#authority].
    public static DockerRegistry withTlsAndPassword(Path folder) throws IOException, InterruptedException {
        Tool.required("openssl", "it makes the certificates for a registry with TLS");
        Tool.required("htpasswd", "it makes the password file of a registry (package apache2-utils)");
        Files.createDirectories(folder);
        Path key = folder.resolve("ca.key");
        Path ca = folder.resolve("ca.crt");
        Tool.run(
                folder,
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                key.toString(),
                "-out",
                ca.toString(),
                "-days",
                "2",
                "-subj",
                "/CN=Kiln test authority");
        Tool.run(
                folder,
                "openssl",
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "tls.key",
                "-out",
                "tls.csr",
                "-subj",
                "/CN=registry.test");
        Files.writeString(folder.resolve("san"), "subjectAltName=DNS:registry.test,IP:127.0.0.1\n");
        Tool.run(
                folder,
                "openssl",
                "x509",
                "-req",
                "-in",
                "tls.csr",
                "-CA",
                ca.toString(),
                "-CAkey",
                key.toString(),
                "-CAcreateserial",
                "-out",
                "tls.crt",
                "-days",
                "2",
                "-extfile",
                "san");
        Tool.run(folder, "htpasswd", "-B", "-b", "-c", "htpasswd", "ci-bot", "s3cret");
        String tls =
                ", tls: {certificate: %s, key: %s}".formatted(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        String auth = "auth: {htpasswd: {realm: test, path: %s}}\n".formatted(folder.resolve("htpasswd"));
        return start(folder, freePort(), "https", tls, auth);
    }

    private static DockerRegistry start(Path folder, int port, String scheme, String tls, String auth)
            throws IOException, InterruptedException {
        Tool.required("docker-registry", "it is the real registry of these tests (package docker-registry)");
        Files.createDirectories(folder);
        Path config = folder.resolve("config.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http: {addr: "127.0.0.1:%d"%s}
                %s""".formatted(folder.resolve("data"), port, tls, auth));
        Process process = new ProcessBuilder(List.of("docker-registry", "serve", config.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        DockerRegistry registry = new DockerRegistry(process, port, scheme, folder);
        registry.awaitStart();
        return registry;
    }

    private void awaitStart() throws IOException, InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (Instant.now().isBefore(end)) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                Assumptions.assumeTrue(
                        process.isAlive(), () -> "docker-registry did not start; its log is in " + folder);
                TimeUnit.MILLISECONDS.sleep(30);
            }
        }
        throw new IOException("docker-registry did not start within 20 s");
    }

    /// A port that was free a moment ago.
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// `127.0.0.1:port`, the first part of references to its images.
    public String host() {
        return "127.0.0.1:" + port;
    }

    public URI uri() {
        return URI.create(scheme + "://" + host());
    }

    /// Where it keeps blobs, uploads and manifests.
    public Path storage() {
        return folder.resolve("data");
    }

    /// The certificate of the authority that signed its own, in PEM form.
    public Path authority() {
        return folder.resolve("ca.crt");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
