package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.DiffId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The layers that a build uses as directories.
///
/// Nobody takes away what a live build uses. A builder that was frozen for long is taken for dead by other hosts,
/// though,
/// and a damaged layer loses its name at once: so what a step has made of directories that were taken from under it
/// counts for nothing.
final class LayerDirectories {

    private final Cache cache;
    private final LayerTurns turns;
    private final Function<LayerRef, Path> unpack;
    private final SingleFlight<DiffId, Path> flights = new SingleFlight<>();
    private final Map<Path, Object> used = new ConcurrentHashMap<>();

    /// @param unpack makes the directory of a layer of which there is none
    LayerDirectories(Cache cache, LayerTurns turns, Function<LayerRef, Path> unpack) {
        this.cache = cache;
        this.turns = turns;
        this.unpack = unpack;
    }

    Path of(LayerRef layer) {
        return flights.get(layer.diffId(), () -> {
            Path directory = cache.layer(layer.diffId())
                    .orElseGet(() -> turns.once(
                            "layer-", layer.diffId(), () -> cache.layer(layer.diffId()), () -> unpack.apply(layer)));
            Object identity = identity(directory);
            if (identity == null) {
                throw takenAway(directory);
            }
            used.put(directory, identity);
            return directory;
        });
    }

    /// @throws PlatformFailure `CacheLost` if a directory that was given is not where it was, or is another one
    void checkStillThere() {
        used.forEach((directory, identity) -> {
            if (!identity.equals(identity(directory)) && !isEmpty(directory)) {
                throw takenAway(directory);
            }
        });
    }

    /// Whoever publishes the same layer that changes nothing puts his empty directory in the place of the one that is
    /// there: the only directory that a rename replaces.
    private static boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            return !names.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /// Null if it is gone.
    private static @Nullable Object identity(Path directory) {
        try {
            return Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private static PlatformFailure takenAway(Path directory) {
        return new PlatformFailure(
                Reason.CacheLost,
                "",
                "The directory " + directory + " of a layer was taken away while a step used it.",
                "Nobody may delete from the cache volume but with \"kiln cache prune\"; start the build again.");
    }
}
