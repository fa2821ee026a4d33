package build.kiln.local.node;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What a node is and has.
///
/// @param name of the Node object
/// @param folder where pods, logs and volumes lie; the node's alone
/// @param images by their names in pods
/// @param enterNamespaces a program that gives an unprivileged user the rights of root in namespaces of its own; not
///        needed by root
public record NodeSettings(String name, Path folder, Map<String, ImageProgram> images, Optional<Path> enterNamespaces) {

    public NodeSettings {
        folder = folder.toAbsolutePath().normalize();
        images = Map.copyOf(images);
    }
}
