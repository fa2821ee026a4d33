package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.VolumeTime;
import build.kiln.builder.cache.pin.Gate;
import build.kiln.builder.cache.pin.LivePins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Takes entries away: out of sight by a rename while nobody can pin, and then deleted at leisure.
final class Removal {

    private final Cache cache;
    private final Path pins;

    Removal(Cache cache) {
        this.cache = cache;
        this.pins = cache.root().resolve("pins");
    }

    /// What live builds use now.
    LivePins livePins() throws IOException {
        FileTime now = VolumeTime.now(cache.workspace());
        return LivePins.read(pins, now);
    }

    /// Removes these entries, but for those that somebody uses by now.
    ///
    /// @return those that were removed
    List<Entry> remove(List<Entry> entries) throws IOException {
        List<Entry> removed = new ArrayList<>();
        List<Path> away = new ArrayList<>();
        try (Gate gate = Gate.passAlone(pins)) {
            Set<String> used = livePins().entries();
            for (Entry entry : entries) {
                if (!used.contains(entry.name())) {
                    Path hidden = hide(cache.root().resolve(entry.name()));
                    if (hidden != null) {
                        away.add(hidden);
                        removed.add(entry);
                    }
                }
            }
        }
        away.forEach(Leftovers::delete);
        return removed;
    }

    /// Removes what a process that is taken for dead was making. If it lives after all, it finds all of it gone, and
    /// never
    /// publishes a half.
    void removeUnfinished(Path made) throws IOException {
        Path hidden = hide(made);
        if (hidden != null) {
            Leftovers.delete(hidden);
        }
    }

    private @Nullable Path hide(Path entry) throws IOException {
        Path away = cache.workspace().resolve("removed-" + UUID.randomUUID());
        try {
            Files.move(entry, away, StandardCopyOption.ATOMIC_MOVE);
            return away;
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
