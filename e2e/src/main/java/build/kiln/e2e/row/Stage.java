package build.kiln.e2e.row;

import build.kiln.e2e.cluster.Cluster;
import build.kiln.e2e.install.Installation;
import build.kiln.e2e.registry.RegistryClient;
import java.util.Map;
import java.util.Optional;

/// What all rows have in common.
///
/// @param run tells this run's names from those of others: a few letters and digits
/// @param base the image that Dockerfiles are `FROM`: a small one with a shell
/// @param site an image that serves a git repository over HTTP: see [SiteImage]
/// @param installation empty if the suite uses an operator that was there before it
public record Stage(
        Cluster cluster,
        RegistryClient registry,
        Optional<PrivateRegistry> privateRegistry,
        String run,
        String base,
        String site,
        Optional<Installation> installation) {

    /// A registry that wants to know who asks.
    ///
    /// @param base the base image there
    public record PrivateRegistry(RegistryClient client, RegistryClient.Login login, String base) {}

    /// The repository of a row's image, without the registry.
    String repository(String namespace) {
        return "kiln-e2e/" + namespace;
    }

    /// The name of the namespace that a row has for itself.
    public static String namespace(String run, String row) {
        return "e2e-" + run + "-" + row;
    }

    /// @throws LeftOut if there is none
    PrivateRegistry needPrivateRegistry() {
        return privateRegistry.orElseThrow(
                () -> new LeftOut("There is no registry that asks for credentials: name one with --private-registry and"
                        + " --private-login."));
    }

    /// @throws LeftOut if the operator is not this run's
    Installation needInstallation() {
        return installation.orElseThrow(
                () -> new LeftOut("The operator was not installed by this run (--no-install), and is left alone."));
    }

    /// What a row's texts may name.
    Map<String, String> values(String namespace) {
        return Map.of(
                "base", base,
                "site", site,
                "namespace", namespace,
                "registry", registry.address(),
                "image", registry.address() + "/" + repository(namespace) + ":1");
    }
}
