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
/// @param owners whether the files' owners are part of what a COPY reads
public record SourceTree(
        Path root,
        @Nullable String revision,
        @Nullable Instant time,
        List<String> warnings,
        BuildContext.Owners owners) {

    public SourceTree {
        warnings = List.copyOf(warnings);
    }

    /// Files whose owners are nobody's business.
    public SourceTree(Path root, @Nullable String revision, @Nullable Instant time, List<String> warnings) {
        this(root, revision, time, warnings, BuildContext.Owners.IGNORED);
    }

    /// The same, of a folder below the root. Links on the way are followed, and never out of it.
    ///
    /// @throws build.kiln.builder.failure.SourceFailure `SourceNotFound`, `PathEscapes`
    public SourceTree below(AskedPath folder) {
        return new SourceTree(Folders.below(root, folder, "the source"), revision, time, warnings, owners);
    }

    static SourceTree of(Path root) {
        return new SourceTree(root, null, null, List.of());
    }
}
