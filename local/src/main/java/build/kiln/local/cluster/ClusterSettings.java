package build.kiln.local.cluster;

import build.kiln.local.node.ImageProgram;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// What a cluster is made of.
///
/// @param definitions YAML files of objects to begin with: CustomResourceDefinitions
/// @param builder what stands for the builder's image
public record ClusterSettings(ClusterFolder folder, List<Path> definitions, ImageProgram builder, Clock clock) {

    public ClusterSettings {
        definitions = List.copyOf(definitions);
    }
}
