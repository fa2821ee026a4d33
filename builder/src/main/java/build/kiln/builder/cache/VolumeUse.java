package build.kiln.builder.cache;

import build.kiln.builder.cache.pin.LivePins;
import build.kiln.builder.cache.pin.Pins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this process uses of a volume, said from the first use on.
final class VolumeUse implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VolumeUse.class);

    /// A use is written down once in this time: least recently used needs to be no more exact.
    private static final Duration COUNTS = Duration.ofHours(1);

    private final Path root;
    private @Nullable Pins pins;
    private boolean isOver;

    VolumeUse(Path root) {
        this.root = root;
    }

    /// Empty if the volume refuses them.
    synchronized Optional<Pins> pins() {
        if (pins == null && !isOver) {
            try {
                pins = Pins.open(root.resolve("pins"));
            } catch (IOException e) {
                isOver = true;
                LOG.warn("This build cannot say what it uses of the cache, and may lose it: {}", e.toString());
            }
        }
        return Optional.ofNullable(pins);
    }

    /// What names in the workspace begin with, so that what this process leaves there can be told from what others do.
    String owner() {
        return pins().map(mine -> mine.id() + ".").orElse("");
    }

    /// Keeps the entry while this process lives, and writes down that it was used.
    Path pinned(Path entry) {
        Optional<Pins> mine = pins();
        if (mine.isPresent() && mine.get().add(root.relativize(entry).toString())) {
            touch(entry, mine.get());
        }
        return entry;
    }

    /// Writes down that it was used, if that is not known yet.
    void touch(Path entry) {
        pins().ifPresent(mine -> touch(entry, mine));
    }

    private static void touch(Path entry, Pins mine) {
        try {
            FileTime used = Files.getLastModifiedTime(entry);
            if (used.toInstant().plus(COUNTS).isBefore(mine.opened().toInstant())) {
                Files.setLastModifiedTime(entry, mine.opened());
            }
        } catch (IOException e) {
            LOG.trace("The use of {} could not be written down: {}", entry, e.toString());
        }
    }

    /// Whether no other process uses the entry; false where that cannot be known.
    boolean isAlone(Path entry) throws IOException {
        Optional<Pins> mine = pins();
        return mine.isPresent()
                && !LivePins.readOthers(
                                root.resolve("pins"),
                                VolumeTime.now(root.resolve("tmp")),
                                mine.get().id())
                        .entries()
                        .contains(root.relativize(entry).toString());
    }

    /// Gives it all back.
    @Override
    public synchronized void close() {
        isOver = true;
        if (pins != null) {
            pins.close();
            pins = null;
        }
    }
}
