package build.kiln.builder.registry;

import java.io.IOException;
import java.util.Optional;

/// Asks a `docker-credential-<name>` program for the credentials of a registry.
@FunctionalInterface
public interface CredentialStore {

    /// What the program printed for `get`; empty if it knows no credentials for the server.
    ///
    /// @param name without the prefix, as in `credsStore`
    /// @param server as it stands in the configuration file, for example `https://index.docker.io/v1/`
    /// @throws IOException if the program does not exist, fails, or does not end; the message says which
    Optional<byte[]> get(String name, String server) throws IOException, InterruptedException;
}
