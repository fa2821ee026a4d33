package build.kiln.local.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What stands for an image on this node: a program of this machine.
///
/// @param command the image's entry point
/// @param environment what the image would set
/// @param files files and folders of the machine that the program needs, at the same place and read-only; system
/// folders
///        such as `/usr` are there anyway
public record ImageProgram(List<String> command, Map<String, String> environment, List<Path> files) {

    public ImageProgram {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        files = List.copyOf(files);
    }
}
