package build.kiln.builder.source;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Files that a source has brought.
///
/// @param root the folder that they are in
/// @param revision the commit they are of; null for sources without one
/// @param time when the commit was made; null for sources that do not say: then the newest file's time stands
///     for it
/// @param warnings for the user, in whole sentences
public record SourceTree(
        Path root, @Nullable String revision, @Nullable Instant time, List<String> warnings) {

    public SourceTree {
        warnings = List.copyOf(warnings);
    }

    static SourceTree of(Path root) {
        return new SourceTree(root, null, null, List.of());
    }
}
