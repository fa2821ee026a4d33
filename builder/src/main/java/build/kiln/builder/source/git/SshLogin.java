package build.kiln.builder.source.git;

import build.kiln.builder.source.ssh.SshAgent;
import java.nio.file.Path;
import java.util.List;

/// With whose keys the builder logs in to repositories over SSH that no Secret of their own is named for, and which
/// hosts it trusts then.
public sealed interface SshLogin {

    /// Signs with the keys.
    SshAgent agent();

    /// By a key of a Secret. Its `known_hosts` is read when a repository is asked for, and not needed before.
    ///
    /// @param folder that the Secret is mounted at
    /// @param place that names the Secret, for messages
    record OfSecret(SshAgent agent, Path folder, String place) implements SshLogin {}

    /// By keys of this machine's user.
    ///
    /// @param knownHosts files in the form of OpenSSH's known_hosts, the user's own first; any may be missing
    /// @param place that names the keys, for messages
    record OfUser(SshAgent agent, List<Path> knownHosts, String place) implements SshLogin {

        public OfUser {
            knownHosts = List.copyOf(knownHosts);
        }
    }
}
