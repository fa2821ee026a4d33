package build.kiln.builder.app;

import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.git.SshLogin;
import build.kiln.builder.source.ssh.KeyAgent;
import build.kiln.builder.source.ssh.SshAgent;
import build.kiln.protocol.BuildRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What RUNs may ask for, from the Secrets that are mounted for it.
///
/// @param folder that has one folder for each Secret, called like it
record RunSecrets(Path folder) {

    private static final String SSH_KEY = "ssh-privatekey";

    /// Where the value of each secret is read, by id.
    ///
    /// @throws RequestFailure `SecretInvalid` if a Secret or its key is not there
    Map<String, RunSettings.SecretSource> secrets(List<BuildRequest.RunSecret> wanted) {
        Map<String, RunSettings.SecretSource> all = new HashMap<>();
        for (BuildRequest.RunSecret one : wanted) {
            Path file = SecretFiles.need(
                    folder.resolve(one.secret()),
                    one.secret(),
                    "spec.secrets",
                    one.key(),
                    "Create it with: kubectl create secret generic " + one.secret() + " --from-file=" + one.key()
                            + "=FILE");
            all.put(one.id(), () -> Files.readAllBytes(file));
        }
        return all;
    }

    /// An agent with one key for each id. The keys are in this process alone.
    ///
    /// @throws RequestFailure `SecretInvalid` if a Secret or its key is not there, or is no private key
    Map<String, SshAgent> agents(List<BuildRequest.SshKey> wanted) {
        Map<String, SshAgent> all = new HashMap<>();
        for (BuildRequest.SshKey one : wanted) {
            Path file = SecretFiles.need(
                    folder.resolve(one.secret()),
                    one.secret(),
                    "spec.ssh",
                    SSH_KEY,
                    "Create it with: kubectl create secret generic " + one.secret()
                            + " --type=kubernetes.io/ssh-auth --from-file=" + SSH_KEY + "=KEYFILE");
            all.put(one.id(), agent(one, file));
        }
        return all;
    }

    /// The login for repositories that are reached by SSH, if one of the agents is for that.
    @Nullable
    SshLogin login(List<BuildRequest.SshKey> wanted, Map<String, SshAgent> agents) {
        for (BuildRequest.SshKey one : wanted) {
            SshAgent agent = agents.get(one.id());
            if (agent != null && one.id().equals(SshOption.DEFAULT)) {
                String place = "Secret \"" + one.secret() + "\" (spec.ssh)";
                return new SshLogin.OfSecret(agent, folder.resolve(one.secret()), place);
            }
        }
        return null;
    }

    private static SshAgent agent(BuildRequest.SshKey wanted, Path file) {
        try {
            return KeyAgent.of(List.of(Files.readAllBytes(file)))
                    .orElseThrow(() -> new RequestFailure(
                            Reason.SecretInvalid,
                            "spec.ssh",
                            "what the Secret \"" + wanted.secret() + "\" has in \"" + SSH_KEY
                                    + "\" is not a private key that can be used: it has to be in OpenSSH's or PEM form,"
                                    + " and without a passphrase.",
                            "Put a key of its own for builds into the Secret."));
        } catch (IOException e) {
            throw new RequestFailure(
                    Reason.SecretInvalid,
                    "spec.ssh",
                    "the Secret \"" + wanted.secret() + "\" cannot be read: " + e + ".",
                    "Start the build again.",
                    e);
        }
    }
}
