package build.kiln.e2e.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

    @TempDir
    Path folder;

    private record Ended(int status, String out, String err) {}

    private Ended run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(
                Path.of("..").toAbsolutePath().normalize(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String kubeconfig(String server) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), """
            apiVersion: v1
            kind: Config
            clusters: [{name: it, cluster: {server: "%s"}}]
            contexts: [{name: it, context: {cluster: it, user: it}}]
            users: [{name: it, user: {}}]
            current-context: it
            """.formatted(server))
                .toString();
    }

    @Test
    void whatHasToBeGivenIsNamed() {
        Ended ended = run();
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err())
                .isEqualTo("kiln e2e: --kubeconfig and --registry have to be given.\n"
                        + "\"kiln e2e --help\" lists the options.\n");
    }

    @Test
    void unknownRowIsRefusedWithThoseThereAre() {
        Ended ended = run("--only", "inline,evictoin");
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err())
                .startsWith("kiln e2e: there is no row \"evictoin\". The rows are inline, ")
                .contains("eviction");
    }

    @Test
    void unknownOptionIsRefused() {
        Ended ended = run("--kubecofnig", "x");
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err()).contains("--kubecofnig");
    }

    @Test
    void registryWithoutPortIsRefused() throws Exception {
        Ended ended = run("--kubeconfig", kubeconfig("http://127.0.0.1:1"), "--registry", "registry.example.com/team");
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err())
                .contains("\"registry.example.com/team\" is not the address of a registry; expected is HOST:PORT.");
    }

    @Test
    void loginBelongsToAPrivateRegistry() throws Exception {
        Ended ended =
                run("--kubeconfig", kubeconfig("http://127.0.0.1:1"), "--registry", "a:1", "--private-registry", "b:1");
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err()).contains("--private-registry and --private-login are given together or not at all.");
    }

    @Test
    void missingKubeconfigIsNamed() {
        Ended ended = run("--kubeconfig", "/no/such/file", "--registry", "a:1");
        assertThat(ended.status()).isEqualTo(64);
        assertThat(ended.err()).contains("the kubeconfig \"/no/such/file\" cannot be read.");
    }

    @Test
    void clusterThatDoesNotAnswerIsSaidInOneSentence() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        Ended ended =
                run("--kubeconfig", kubeconfig("http://127.0.0.1:" + closed), "--registry", "127.0.0.1:" + closed);
        assertThat(ended.status()).isEqualTo(69);
        assertThat(ended.err())
                .startsWith("kiln e2e: The cluster of ")
                .contains("does not answer")
                .doesNotContain("\tat ");
    }

    @Test
    void rowsAreListed() {
        Ended ended = run("--list", "--only", "eviction,inline");
        assertThat(ended.status()).isZero();
        assertThat(ended.out().lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("inline  ")
                .endsWith("Files of the resource become an image whose every digest is right");
    }
}
