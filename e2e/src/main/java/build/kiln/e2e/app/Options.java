package build.kiln.e2e.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What the user says to `kiln e2e`.
final class Options {

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = {
                "Of the cluster. The user in it has to be allowed everything that the chart installs, and namespaces."
            })
    @Nullable
    Path kubeconfig;

    @Option(
            names = "--registry",
            paramLabel = "HOST:PORT",
            description = {
                "Where the suite's images go. It is reached from here, from the nodes and from pods, and asks for no"
                        + " credentials."
            })
    @Nullable
    String registry;

    @Option(
            names = "--registry-ca",
            paramLabel = "FILE",
            description = "The authority of its certificate, in PEM form.")
    @Nullable
    Path registryCa;

    @Option(
            names = "--private-registry",
            paramLabel = "HOST:PORT",
            description = {
                "Another registry, which asks for a user and a password (basic authentication).",
                "Rows that need one cannot hold without it."
            })
    @Nullable
    String privateRegistry;

    @Option(
            names = "--private-registry-ca",
            paramLabel = "FILE",
            description = "The authority of its certificate, in PEM form.")
    @Nullable
    Path privateRegistryCa;

    @Option(
            names = "--private-login",
            paramLabel = "FILE",
            description = "A file whose first line is USER:PASSWORD for that registry.")
    @Nullable
    Path privateLogin;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "ROW",
            description = "These rows alone. --list says which there are.")
    List<String> only = List.of();

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = {
                "Where operator.tar and builder.tar are. Default: target/images, where \"./kiln images\" leaves them."
            })
    @Nullable
    Path images;

    @Option(
            names = "--no-install",
            description = {
                "Use the operator that the cluster has, and leave it alone. Rows that would disturb it cannot hold."
            })
    boolean useInstalled;

    @Option(names = "--json", description = "Print one line of JSON at the end, and all else on standard error.")
    boolean json;

    @Option(names = "--keep", description = "Leave everything as it is at the end: namespaces, the release, images.")
    boolean keep;

    @Option(names = "--list", description = "Print the rows, and try none.")
    boolean list;

    /// What does not fit together; empty if all is well.
    Optional<String> problem() {
        if (list) {
            return Optional.empty();
        }
        if (kubeconfig == null || registry == null) {
            return Optional.of("--kubeconfig and --registry have to be given.");
        }
        if (!Files.isReadable(kubeconfig)) {
            return Optional.of("the kubeconfig \"%s\" cannot be read.".formatted(kubeconfig));
        }
        for (String address : new String[] {registry, privateRegistry == null ? registry : privateRegistry}) {
            if (!address.matches("[^/\\s]+:[0-9]{1,5}")) {
                return Optional.of(
                        "\"%s\" is not the address of a registry; expected is HOST:PORT.".formatted(address));
            }
        }
        if ((privateRegistry == null) != (privateLogin == null)) {
            return Optional.of("--private-registry and --private-login are given together or not at all.");
        }
        return Optional.empty();
    }
}
