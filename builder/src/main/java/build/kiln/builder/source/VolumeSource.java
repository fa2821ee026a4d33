package build.kiln.builder.source;

import java.nio.file.Path;

/// A folder on a volume that is mounted into the builder pod.
///
/// Links on the volume are followed as long as they stay on it.
///
/// @param mount where the volume is mounted
/// @param path below it; empty for all of it
public record VolumeSource(Path mount, AskedPath path) implements Source {

    @Override
    public SourceTree obtain(Path work) {
        return SourceTree.of(Folders.below(mount, path, "the volume"));
    }
}
