package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.source.ssh.SshAgent;
import build.kiln.protocol.BuildRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an ImageBuild gives its RUNs, as the operator's pod has it mounted.
class RunSecretsTest {

    @TempDir
    private Path folder;

    @Test
    void secretIsReadByItsIdWhenARunNeedsIt() throws IOException {
        Path key = key("npm", ".npmrc", "first");
        RunSecrets secrets = new RunSecrets(folder);
        Map<String, RunSettings.SecretSource> all =
                secrets.secrets(List.of(new BuildRequest.RunSecret("npmrc", "npm", ".npmrc")));
        Files.writeString(key, "second");

        assertThat(Objects.requireNonNull(all.get("npmrc")).read())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("second");
    }

    @Test
    void secretOfTheWrongShapeSaysWhichKeysItHas() throws IOException {
        key("npm", "npmrc", "x");

        assertThatThrownBy(() ->
                        new RunSecrets(folder).secrets(List.of(new BuildRequest.RunSecret("npmrc", "npm", ".npmrc"))))
                .hasMessage("spec.secrets: the Secret \"npm\" has no key \".npmrc\"; it has \"npmrc\". Create it with:"
                        + " kubectl create secret generic npm --from-file=.npmrc=FILE");
        assertThatThrownBy(() -> new RunSecrets(folder).agents(List.of(new BuildRequest.SshKey("default", "deploy"))))
                .hasMessage("spec.ssh: there is no Secret \"deploy\" in the namespace, or it is empty. Create it with:"
                        + " kubectl create secret generic deploy --type=kubernetes.io/ssh-auth"
                        + " --from-file=ssh-privatekey=KEYFILE");
    }

    @Test
    void keyIsServedByAnAgentOfItsOwn() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        key(
                "deploy",
                "ssh-privatekey",
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        SshAgent agent = Objects.requireNonNull(new RunSecrets(folder)
                .agents(List.of(new BuildRequest.SshKey("default", "deploy")))
                .get("default"));

        try (SshAgent.Conversation conversation = agent.open()) {
            byte[] listed = conversation.answer(new byte[] {11});
            assertThat(listed[0]).as("SSH_AGENT_IDENTITIES_ANSWER").isEqualTo((byte) 12);
            assertThat(listed[4]).as("one key").isEqualTo((byte) 1);
        }
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() throws IOException {
        key("deploy", "ssh-privatekey", "hush");

        assertThatThrownBy(() -> new RunSecrets(folder).agents(List.of(new BuildRequest.SshKey("default", "deploy"))))
                .hasMessage("spec.ssh: what the Secret \"deploy\" has in \"ssh-privatekey\" is not a private key that"
                        + " can be used: it has to be in OpenSSH's or PEM form, and without a passphrase. Put a key of"
                        + " its own for builds into the Secret.");
    }

    private Path key(String secret, String key, String value) throws IOException {
        return Files.writeString(Files.createDirectories(folder.resolve(secret)).resolve(key), value);
    }
}
