package build.kiln.builder.execute;

import build.kiln.builder.cache.collect.Limits;

/// The room that RUNs have where the build works.
///
/// @param limits of that file system
/// @param more makes room by taking away what nobody uses
public record VolumeRoom(Limits limits, More more) {

    /// Takes a while.
    public interface More {

        /// @return whether anything was freed
        boolean make();
    }
}
