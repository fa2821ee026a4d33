package build.kiln.builder.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What walks over a context have seen, so that the next walk need not ask the file system again: a build goes over its
/// context for the newest time, for the cache key and for the layer.
///
/// Paths are from the context's root. A bounded part of a large context is kept.
final class Listing {

    private static final int MOST = 100_000;

    private final Beneath context;
    private final Map<Path, List<Path>> names = new ConcurrentHashMap<>();
    private final Map<Path, FileStat> stats = new ConcurrentHashMap<>();

    Listing(Beneath context) {
        this.context = context;
    }

    /// The names in a directory, in byte order.
    List<Path> names(Path directory) throws IOException {
        List<Path> known = names.get(directory);
        if (known == null) {
            known = Walk.names(context.location(directory));
            if (stats.size() < MOST) {
                names.put(directory, known);
            }
        }
        return known;
    }

    /// What `lstat` says.
    FileStat stat(Path path) throws IOException {
        FileStat known = stats.get(path);
        if (known == null) {
            known = FileStat.of(context.location(path));
            if (stats.size() < MOST) {
                stats.put(path, known);
            }
        }
        return known;
    }
}
