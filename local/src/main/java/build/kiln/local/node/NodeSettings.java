package build.kiln.local.node;

import java.nio.file.Path;
import java.util.Map;

/// What a node is and has.
///
/// @param name of the Node object
/// @param folder where pods, logs and volumes lie; the node's alone
/// @param images by their names in pods
public record NodeSettings(String name, Path folder, Map<String, ImageProgram> images) {

    public NodeSettings {
        folder = folder.toAbsolutePath().normalize();
        images = Map.copyOf(images);
    }
}
