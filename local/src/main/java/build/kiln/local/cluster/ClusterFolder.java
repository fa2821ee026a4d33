package build.kiln.local.cluster;

import build.kiln.local.node.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// Where a cluster keeps everything.
public record ClusterFolder(Path root) {

    public ClusterFolder {
        root = root.toAbsolutePath().normalize();
    }

    /// Makes it, readable for this user alone.
    public void create() {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new ClusterFailure(
                    "The cluster's folder " + root + " cannot be made: " + e + ". Name another one" + " with --state.",
                    e);
        }
    }

    /// Removes what an earlier cluster left, but not its log.
    void clear() throws IOException {
        for (Path left : List.of(node(), registry(), root.resolve("scratch"))) {
            FileTrees.delete(left);
        }
        for (Path left : List.of(kubeconfig(), registriesConf(), description())) {
            Files.deleteIfExists(left);
        }
    }

    /// A place for files that go with the cluster.
    public Path scratch(String name) throws IOException {
        return Files.createDirectories(root.resolve("scratch").resolve(name));
    }

    /// For kubectl.
    public Path kubeconfig() {
        return root.resolve("kubeconfig");
    }

    /// Tells builders, and whoever wants to read images, where the registry is.
    public Path registriesConf() {
        return root.resolve("registries.conf");
    }

    /// What the cluster's process has to say.
    public Path log() {
        return root.resolve("log");
    }

    /// Held by the cluster's process as long as it lives.
    Path lock() {
        return root.resolve("lock");
    }

    /// There while the cluster works.
    Path description() {
        return root.resolve("cluster.json");
    }

    Path node() {
        return root.resolve("node");
    }

    Path registry() {
        return root.resolve("registry");
    }
}
