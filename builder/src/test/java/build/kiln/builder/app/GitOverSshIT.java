package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.source.git.GitRepository;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.git.SshServer;
import build.kiln.builder.source.ssh.AgentSocket;
import build.kiln.builder.source.ssh.KeyAgent;
import build.kiln.protocol.BuildRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Repositories behind the real OpenSSH server, by the keys of `--ssh` and `spec.ssh`.
class GitOverSshIT {

    @TempDir
    private Path folder;

    private Path home;
    private Path context;
    private Path ssh;
    private SshServer server;
    private String url;
    private int outputs;

    @BeforeEach
    void startServer() throws Exception {
        home = Files.createDirectories(folder.resolve("home"));
        context = Files.createDirectories(folder.resolve("context"));
        ssh = folder.resolve("ssh");
        GitRepository repository = GitRepository.init(folder.resolve("web.git"));
        repository.commit("Dockerfile", "FROM scratch\nCOPY file /\n", "file", "1", "docs/page", "2");
        server = SshServer.start(ssh, "ed25519");
        url = server.url(repository.folder());
        trust(server.knownHosts());
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    /// Puts the text where OpenSSH has it.
    private Path trust(String knownHosts) throws IOException {
        Path file = Files.createDirectories(home.resolve(".ssh")).resolve("known_hosts");
        return Files.writeString(file, knownHosts);
    }

    private LocalRuns.Ended build(Map<String, String> variables, String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", folder.resolve("cache").toString()));
        all.addAll(List.of("--output", "type=local,dest=" + folder.resolve("out" + ++outputs)));
        all.addAll(List.of(arguments));
        return LocalRuns.run(variables, all.toArray(String[]::new));
    }

    private LocalRuns.Ended build(String... arguments) {
        return build(Map.of("HOME", home.toString()), arguments);
    }

    private Path output(String file) {
        return folder.resolve("out" + outputs).resolve(file);
    }

    private String key() {
        return "default=" + ssh.resolve("client");
    }

    private LocalRuns.Ended add(String... arguments) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nADD " + url + "#main:docs /docs/\n");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(context.toString());
        return build(all.toArray(String[]::new));
    }

    @Test
    void anAddHasTheKeyOfTheIdDefault() throws IOException {
        LocalRuns.Ended ended = add("--ssh", key());
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(output("docs/page")).hasContent("2");
        assertThat(ended.err()).doesNotContain("PRIVATE KEY");

        assertThat(add("--ssh", key()).err()).as("the second time").contains("CACHED");
    }

    @Test
    void contextAndNamedContextHaveTheAgentOfTheMachine() throws Exception {
        KeyAgent agent =
                KeyAgent.of(List.of(Files.readAllBytes(ssh.resolve("client")))).orElseThrow();
        try (AgentSocket _ = agent.listen(folder, "agent")) {
            Map<String, String> variables = Map.of(
                    "HOME",
                    home.toString(),
                    "SSH_AUTH_SOCK",
                    folder.resolve("agent").toString());
            LocalRuns.Ended asContext = build(variables, url + "#main");
            assertThat(asContext.status()).as(asContext.err()).isZero();
            assertThat(output("file")).hasContent("1");

            Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY --from=web docs/page /\n");
            LocalRuns.Ended named =
                    build(variables, "--ssh", "default", "--build-context", "web=" + url + "#main", context.toString());
            assertThat(named.status()).as(named.err()).isZero();
            assertThat(output("page")).hasContent("2");
        }
    }

    @Test
    void namesInKnownHostsMayBeHashedAndOtherLinesSayNothing() throws Exception {
        Path file = trust(server.knownHosts());
        assertThat(new ProcessBuilder("ssh-keygen", "-q", "-H", "-f", file.toString())
                        .redirectErrorStream(true)
                        .start()
                        .waitFor())
                .isZero();
        Files.writeString(file, "no line of known_hosts\n" + Files.readString(file));
        assertThat(Files.readString(file)).contains("|1|").doesNotContain("127.0.0.1");

        LocalRuns.Ended ended = add("--ssh", key());
        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void hostThatTheUserDoesNotKnowIsRefused() throws IOException {
        Path file = trust("");
        assertThat(add("--ssh", key()).err())
                .contains("Dockerfile:2: 127.0.0.1:" + server.port() + " showed the host key ssh-ed25519 SHA256:")
                .contains("; known_hosts has no key for it. If you know from the host's owner that this is its key,"
                        + " put it into \"" + file + "\" (ssh-keyscan prints it); if not, somebody may be listening.");

        trust(server.knownHosts() + "@revoked " + server.knownHosts());
        assertThat(add("--ssh", key()).err()).contains("; known_hosts says that it is revoked. ");
    }

    @Test
    void withoutAKeyOrWithAStrangersNothingIsRead() throws Exception {
        assertThat(add().err())
                .contains(
                        "Dockerfile:2: " + url.replace("root@", "") + " is reached by SSH, which needs a key, and none"
                                + " is named. Name one with --ssh default=KEYFILE, in an ImageBuild with an entry \"default\" in"
                                + " spec.ssh (for spec.source.git also in credentialsSecret).");
        assertThat(add("--ssh", "other=" + ssh.resolve("client")).err()).contains("needs a key, and none is named.");

        SshServer.key(ssh.resolve("stranger"), "ed25519");
        assertThat(add("--ssh", "default=" + ssh.resolve("stranger")).err())
                .contains("Dockerfile:2: 127.0.0.1:" + server.port() + " refused user \"root\" with the keys of --ssh"
                        + " default. Add the public key to the repository's or the user's deploy keys, or give another"
                        + " key.");
    }

    @Test
    void agentThatHasEndedIsNotTakenForTheHost() throws Exception {
        KeyAgent.of(List.of()).orElseThrow().listen(folder, "agent").close();
        assertThat(add("--ssh", "default=" + folder.resolve("agent")).err())
                .contains("the SSH agent does not answer: ");
    }

    @Test
    void contextOfAnImageBuildHasTheKeyAndTheHostsOfItsSecret() throws IOException {
        Path secret = Files.createDirectories(folder.resolve("secrets/deploy-key"));
        Files.writeString(secret.resolve("ssh-privatekey"), server.clientKey());
        NamedFiles files = ofResource();

        assertFails(
                files,
                "spec.contexts.web, Secret \"deploy-key\" (spec.ssh): it has no key \"known_hosts\"; it has"
                        + " \"ssh-privatekey\". Create it with type kubernetes.io/ssh-auth and the keys"
                        + " \"ssh-privatekey\" and \"known_hosts\" (what ssh-keyscan prints for the host, after you have"
                        + " checked it).");
        Files.writeString(secret.resolve("known_hosts"), server.knownHosts());
        Path work = Files.createDirectories(folder.resolve("work"));
        assertThat(files.obtain(work).root().resolve("file")).hasContent("1");
    }

    private NamedFiles ofResource() {
        List<BuildRequest.SshKey> wanted = List.of(new BuildRequest.SshKey("default", "deploy-key"));
        RunSecrets secrets = new RunSecrets(folder.resolve("secrets"));
        NamedContexts contexts = NamedContexts.ofResource(
                Map.of("web", url + "#main"),
                GitTokens.none().withLogin(secrets.login(wanted, secrets.agents(wanted))));
        return Objects.requireNonNull(contexts.files().get("web"));
    }

    private void assertFails(NamedFiles files, String message) throws IOException {
        Path work = Files.createDirectories(folder.resolve("failed"));
        assertThatThrownBy(() -> files.obtain(work)).hasMessage(message);
    }
}
