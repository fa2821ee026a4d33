package build.kiln.builder.dockerfile.lint;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known about a build besides its Dockerfile.
///
/// @param buildArgs as the user gave them
/// @param platformArgs `TARGETPLATFORM` and the other arguments that are set without an ARG before the first FROM
/// @param bases the images that stages start from
/// @param ignored what `.dockerignore` leaves out
/// @param stages the indexes of the stages that are built; null for all
public record LintFacts(
        Map<String, String> buildArgs,
        Map<String, String> platformArgs,
        Bases bases,
        IgnoredPaths ignored,
        @Nullable Set<Integer> stages) {

    public LintFacts {
        buildArgs = Map.copyOf(buildArgs);
        platformArgs = Map.copyOf(platformArgs);
    }

    /// Where the linter asks for base images.
    @FunctionalInterface
    public interface Bases {

        /// Null if nothing is known of the image: what depends on it is then not judged.
        ///
        /// @param platform as FROM asks for it, or the target's
        @Nullable
        BaseFacts find(String image, String platform);
    }

    /// What `.dockerignore` leaves out.
    public interface IgnoredPaths {

        /// Nothing.
        IgnoredPaths NONE = path -> false;

        /// True if this path is left out, and no exception could take something below it back in. The context's own
        /// root,
        /// `.`, counts as left out if everything in it is.
        boolean leavesOut(String path);
    }
}
