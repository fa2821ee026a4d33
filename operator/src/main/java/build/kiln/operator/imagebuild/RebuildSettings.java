package build.kiln.operator.imagebuild;

import java.time.Duration;

/// What is the same for all that is built again without a change of its resource.
///
/// @param baseImageInterval how long after a look at base images the next one comes, a quarter more or less
public record RebuildSettings(Duration baseImageInterval, Flux flux) {

    /// Whether the source objects of Flux are looked at.
    public enum Flux {
        WATCHED,
        IGNORED
    }
}
