package build.kiln.builder.dockerfile.lint;

import java.util.List;
import java.util.Map;

/// What the linter wants to know of a base image.
///
/// @param env its variables
/// @param shell its SHELL; empty if it has none
/// @param platform `os/architecture` of the image itself
/// @param onBuild its ONBUILD triggers
public record BaseFacts(Map<String, String> env, List<String> shell, String platform, List<String> onBuild) {

    public BaseFacts {
        env = Map.copyOf(env);
        shell = List.copyOf(shell);
        onBuild = List.copyOf(onBuild);
    }
}
