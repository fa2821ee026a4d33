package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.VolumeTime;
import build.kiln.builder.cache.pin.Gate;
import build.kiln.builder.cache.pin.LivePins;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The volumes that single ImageBuilds have for themselves, side by side in one directory of a claim. Their owners do
/// not say when they are gone: one that no build has used for a week is removed as a whole. Never fails a build.
public final class OwnVolumes {

    private static final Logger LOG = LoggerFactory.getLogger(OwnVolumes.class);
    private static final Duration KEPT = Duration.ofDays(7);
    private static final String REMOVED = "removed-";

    private final Path home;

    /// @param home the directory with one volume for each ImageBuild; it need not exist
    public OwnVolumes(Path home) {
        this.home = home;
    }

    /// Removes what nobody has used for a week, and what an earlier removal has left.
    ///
    /// @return the names of the volumes that were removed
    public List<String> removeForgotten() {
        List<String> removed = new ArrayList<>();
        if (Files.notExists(home)) {
            return removed;
        }
        try (DirectoryStream<Path> volumes = Files.newDirectoryStream(home, OwnVolumes::isVolume)) {
            FileTime now = VolumeTime.now(home);
            for (Path volume : volumes) {
                String name = volume.getFileName().toString();
                if (name.startsWith(REMOVED)) {
                    Leftovers.delete(volume);
                } else if (isOld(volume, now)) {
                    hide(volume, now).ifPresent(hidden -> {
                        removed.add(name);
                        Leftovers.delete(hidden);
                    });
                }
            }
        } catch (IOException e) {
            LOG.warn("Forgotten caches of single builds could not be looked for in {}: {}", home, e.toString());
        }
        if (!removed.isEmpty()) {
            LOG.info("Removed the caches of {} ImageBuilds that nobody has used for a week.", removed.size());
        }
        return removed;
    }

    private static boolean isVolume(Path path) {
        return Files.isDirectory(pins(path)) || path.getFileName().toString().startsWith(REMOVED);
    }

    /// Each build makes a pin when it begins and removes it when it ends.
    private static boolean isOld(Path volume, FileTime now) {
        try {
            FileTime used = Files.getLastModifiedTime(pins(volume));
            return Duration.between(used.toInstant(), now.toInstant()).compareTo(KEPT) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// Takes the volume out of sight, unless a build is at work on it.
    private static Optional<Path> hide(Path volume, FileTime now) throws IOException {
        Path hidden = volume.resolveSibling(REMOVED + UUID.randomUUID());
        try (Gate gate = Gate.passAlone(pins(volume))) {
            if (!LivePins.read(pins(volume), now).processes().isEmpty()) {
                return Optional.empty();
            }
            Files.move(volume, hidden, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(hidden);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // Somebody else has just removed it.
        }
    }

    private static Path pins(Path volume) {
        return volume.resolve("pins");
    }
}
