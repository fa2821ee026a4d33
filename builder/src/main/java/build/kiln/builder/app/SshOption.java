package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.ssh.ForwardedAgent;
import build.kiln.builder.source.ssh.KeyAgent;
import build.kiln.builder.source.ssh.SshAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `--ssh ID[=SOCKET|KEY[,KEY]]`.
final class SshOption {

    /// The id that repositories over SSH are fetched with.
    static final String DEFAULT = "default";

    private final String text;

    private SshOption(String text) {
        this.text = text;
    }

    /// The agents by id. An id alone is the agent that `$SSH_AUTH_SOCK` names.
    ///
    /// @throws RequestFailure `SecretInvalid`
    static Map<String, SshAgent> agents(List<String> texts, Environment environment) {
        Map<String, SshAgent> all = new HashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            String id = equals < 0 ? text : text.substring(0, equals);
            String paths = equals < 0 ? "" : text.substring(equals + 1);
            SshOption option = new SshOption(text);
            all.put(
                    id.isEmpty() ? DEFAULT : id,
                    paths.isEmpty() ? option.fromEnvironment(environment) : option.from(List.of(paths.split(","))));
        }
        return all;
    }

    private SshAgent fromEnvironment(Environment environment) {
        String socket = environment.get("SSH_AUTH_SOCK");
        if (socket == null) {
            throw invalid(
                    "the environment variable SSH_AUTH_SOCK is not set, so there is no agent to forward.",
                    "Start one (eval $(ssh-agent); ssh-add), or name a key: --ssh " + text + "=KEYFILE.");
        }
        return from(List.of(socket));
    }

    private SshAgent from(List<String> paths) {
        Path first = Path.of(paths.getFirst());
        if (paths.size() == 1 && isSocket(first)) {
            return new ForwardedAgent(first);
        }
        List<byte[]> keys = new ArrayList<>();
        for (String path : paths) {
            byte[] key = read(Path.of(path));
            if (KeyAgent.of(List.of(key)).isEmpty()) {
                throw invalid(
                        "\"" + path + "\" is not a private key that can be used: it has to be in OpenSSH's or PEM form,"
                                + " and without a passphrase.",
                        "For a key with a passphrase, add it to an agent with ssh-add, and forward that.");
            }
            keys.add(key);
        }
        return KeyAgent.of(keys).orElseThrow();
    }

    private static boolean isSocket(Path path) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            return (mode & 0170000) == 0140000;
        } catch (IOException e) {
            return false;
        }
    }

    private byte[] read(Path key) {
        try {
            if (!Files.isRegularFile(key)) {
                throw invalid(
                        "there is no key \"" + key + "\""
                                + (Files.exists(key, LinkOption.NOFOLLOW_LINKS) ? ": it is no file." : "."),
                        "Name a file with a private key, or the socket of an agent.");
            }
            return Files.readAllBytes(key);
        } catch (IOException e) {
            throw invalid("\"" + key + "\" cannot be read: " + e.getMessage() + ".", "Make it readable for you.");
        }
    }

    private RequestFailure invalid(String fact, String advice) {
        return new RequestFailure(Reason.SecretInvalid, "--ssh " + text, fact, advice);
    }
}
