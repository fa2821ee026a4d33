package build.kiln.builder.source.git;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A private instance of the real OpenSSH server, on a free port, that lets one key in.
public final class SshServer implements AutoCloseable {

    private static final Path SSHD = Path.of("/usr/sbin/sshd");

    private final Path folder;
    private final int port;
    private final Process process;

    private SshServer(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /// @param keyType of the client's key, as ssh-keygen has it
    public static SshServer start(Path folder, String keyType) throws Exception {
        assumeTrue(Files.isExecutable(SSHD), SSHD + " is missing; install the package \"openssh-server\"");
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "sshd lets in nobody but its own user; the test logs in as root");
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(Path.of("/run/sshd"));
        key(folder.resolve("host"), "ed25519");
        key(folder.resolve("client"), keyType);
        int port = freePort();
        Files.writeString(folder.resolve("sshd_config"), """
                ListenAddress 127.0.0.1:%d
                HostKey %s/host
                AuthorizedKeysFile %s/client.pub
                PidFile none
                UsePAM no
                StrictModes no
                PermitRootLogin prohibit-password
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                """.formatted(port, folder, folder));
        // The builder's namespaces let a process keep its capabilities when it becomes another user, which sshd
        // refuses.
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--securebits=-no_setuid_fixup",
                        SSHD.toString(),
                        "-D",
                        "-e",
                        "-f",
                        folder.resolve("sshd_config").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        SshServer server = new SshServer(folder, port, process);
        server.waitUntilReady();
        return server;
    }

    public static void key(Path file, String type, String... more) {
        var command =
                new java.util.ArrayList<>(List.of("ssh-keygen", "-q", "-t", type, "-C", "test", "-f", file.toString()));
        command.addAll(more.length == 0 ? List.of("-N", "") : List.of(more));
        GitRepository.run(Path.of("/"), Map.of(), command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void waitUntilReady() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new IllegalStateException("sshd does not listen: " + Files.readString(folder.resolve("log")));
    }

    public int port() {
        return port;
    }

    public String url(Path repository) {
        return "ssh://root@127.0.0.1:" + port + repository;
    }

    public String knownHosts() throws IOException {
        return "[127.0.0.1]:" + port + " " + Files.readString(folder.resolve("host.pub"));
    }

    public String clientKey() throws IOException {
        return Files.readString(folder.resolve("client"));
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
