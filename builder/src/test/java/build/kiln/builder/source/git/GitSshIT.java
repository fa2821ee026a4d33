package build.kiln.builder.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource.Places;
import build.kiln.builder.source.git.GitSource.Reach;
import build.kiln.builder.source.git.GitSource.Submodules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real OpenSSH server and the real git behind it.
class GitSshIT {

    @TempDir
    Path folder;

    private GitRepository repository;
    private int works;

    @BeforeEach
    void makeRepository() {
        repository = GitRepository.init(folder.resolve("web.git"));
        repository.commit("file", "1");
    }

    private SourceTree obtain(String url, @Nullable Path secret) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        return new GitSource(url, "main", Submodules.LEFT_OUT, Reach.NETWORK, secret, Places.RESOURCE).obtain(work);
    }

    private BuildFailure failure(String url, @Nullable Path secret) {
        return catchThrowableOfType(BuildFailure.class, () -> obtain(url, secret));
    }

    private Path secret(String... keysAndValues) throws IOException {
        Path secret = Files.createTempDirectory(folder, "secret");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            Files.writeString(secret.resolve(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return secret;
    }

    @Test
    void keysOfAllKindsLogIn() throws Exception {
        for (String type : new String[] {"ed25519", "ecdsa", "rsa"}) {
            try (SshServer server = SshServer.start(folder.resolve(type), type)) {
                Path secret = secret("ssh-privatekey", server.clientKey(), "known_hosts", server.knownHosts());
                SourceTree tree = obtain(server.url(repository.folder()), secret);
                assertThat(tree.root().resolve("file")).as(type).hasContent("1");
            }
        }
    }

    @Test
    void aHostWithAnotherKeyIsRefused() throws Exception {
        try (SshServer server = SshServer.start(folder.resolve("ssh"), "ed25519")) {
            SshServer.key(folder.resolve("other"), "ed25519");
            String other = "[127.0.0.1]:" + server.port() + " " + Files.readString(folder.resolve("other.pub"));
            Path secret = secret("ssh-privatekey", server.clientKey(), "known_hosts", other);
            BuildFailure failure = failure(server.url(repository.folder()), secret);
            assertThat(failure.reason()).isEqualTo(Reason.SourceDenied);
            assertThat(failure)
                    .hasMessage("spec.source.git.credentialsSecret: 127.0.0.1:" + server.port()
                            + " showed the host key ssh-ed25519 " + fingerprint(folder.resolve("ssh/host.pub"))
                            + "; known_hosts has ssh-ed25519 " + fingerprint(folder.resolve("other.pub"))
                            + ". If the host has a new key, correct \"known_hosts\" in the Secret; if not, somebody may be"
                            + " listening.");
        }
    }

    @Test
    void aHostThatIsNotInKnownHostsIsRefused() throws Exception {
        try (SshServer server = SshServer.start(folder.resolve("ssh"), "ed25519")) {
            String other = "git.example.com " + Files.readString(folder.resolve("ssh/host.pub"));
            Path secret = secret("ssh-privatekey", server.clientKey(), "known_hosts", other);
            assertThat(failure(server.url(repository.folder()), secret))
                    .hasMessage("spec.source.git.credentialsSecret: 127.0.0.1:" + server.port()
                            + " showed the host key ssh-ed25519 " + fingerprint(folder.resolve("ssh/host.pub"))
                            + "; known_hosts has no key for it. If the host has a new key, correct \"known_hosts\" in the"
                            + " Secret; if not, somebody may be listening.");
        }
    }

    private String fingerprint(Path key) {
        return GitRepository.run(folder, java.util.Map.of(), java.util.List.of("ssh-keygen", "-lf", key.toString()))
                .split(" ")[1];
    }

    @Test
    void aKeyThatTheServerDoesNotKnowIsRefused() throws Exception {
        try (SshServer server = SshServer.start(folder.resolve("ssh"), "ed25519")) {
            SshServer.key(folder.resolve("stranger"), "ed25519");
            Path secret = secret(
                    "ssh-privatekey", Files.readString(folder.resolve("stranger")), "known_hosts", server.knownHosts());
            BuildFailure failure = failure(server.url(repository.folder()), secret);
            assertThat(failure.reason()).isEqualTo(Reason.SourceDenied);
            assertThat(failure)
                    .hasMessage("spec.source.git.credentialsSecret: 127.0.0.1:" + server.port()
                            + " refused user \"root\" with the key of the Secret. Add the public key to the repository's"
                            + " or the user's deploy keys, or give another key.");
        }
    }

    @Test
    void aMissingRepositoryIsNamed() throws Exception {
        try (SshServer server = SshServer.start(folder.resolve("ssh"), "ed25519")) {
            Path secret = secret("ssh-privatekey", server.clientKey(), "known_hosts", server.knownHosts());
            assertThat(failure(server.url(folder.resolve("nothing.git")), secret))
                    .hasMessage("spec.source.git.url: there is no git repository at ssh://127.0.0.1:" + server.port()
                            + folder.resolve("nothing.git")
                            + ". Correct the URL, or allow the user of the key to read"
                            + " the repository.");
        }
    }

    @Test
    void sshWithoutASecretOrWithoutHostKeysIsRefused() throws Exception {
        String advice =
                " Create it with type kubernetes.io/ssh-auth and the keys \"ssh-privatekey\" and \"known_hosts\""
                        + " (what ssh-keyscan prints for the host, after you have checked it).";
        assertThat(failure("git@git.invalid:web.git", null))
                .hasMessage(
                        "spec.source.git.credentialsSecret: git.invalid:web.git is reached by SSH, which needs a key,"
                                + " and none is named. Name one with --ssh default=KEYFILE, in an ImageBuild with an entry"
                                + " \"default\" in spec.ssh (for spec.source.git also in credentialsSecret).");
        assertThat(failure("git@git.invalid:web.git", secret("ssh-privatekey", "x")))
                .hasMessage("spec.source.git.credentialsSecret: it has no key \"known_hosts\"; it has"
                        + " \"ssh-privatekey\"." + advice);
        assertThat(failure("git@git.invalid:web.git", secret("ssh-privatekey", "x", "known_hosts", "git.invalid")))
                .hasMessage("spec.source.git.credentialsSecret: its key \"known_hosts\" is not in the form"
                        + " of an OpenSSH known_hosts file." + advice);
    }

    @Test
    void aKeyThatCannotBeUsedIsNamed() throws Exception {
        SshServer.key(folder.resolve("locked"), "ed25519", "-N", "passphrase");
        String hosts = "git.invalid " + Files.readString(folder.resolve("locked.pub"));
        for (String key : new String[] {"nonsense", Files.readString(folder.resolve("locked"))}) {
            assertThat(failure("git@git.invalid:web.git", secret("ssh-privatekey", key, "known_hosts", hosts)))
                    .hasMessage(
                            "spec.source.git.credentialsSecret: its key \"ssh-privatekey\" is not a"
                                    + " private key that can be used: it has to be in OpenSSH's or PEM form, and without a"
                                    + " passphrase. Create it with type kubernetes.io/ssh-auth and the keys \"ssh-privatekey\""
                                    + " and \"known_hosts\" (what ssh-keyscan prints for the host, after you have checked it).");
        }
    }
}
