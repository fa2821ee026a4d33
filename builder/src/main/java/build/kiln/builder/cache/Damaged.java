package build.kiln.builder.cache;

import build.kiln.builder.cache.pin.LivePins;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Heals a volume by forgetting what is damaged: it loses its name at once, and is made again by whoever needs it.
final class Damaged {

    private static final Logger LOG = LoggerFactory.getLogger(Damaged.class);

    private final Path root;

    Damaged(Path root) {
        this.root = root;
    }

    /// Forgets a blob, unless it is what its name says: whoever says otherwise may have it from a manifest that lies.
    void forgetBlob(Path file, Digest digest) {
        try {
            if (BlobCheck.isIntact(file, digest)) {
                return;
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            LOG.debug("{} cannot be read, and goes: {}", file, e.toString());
        }
        forget(file);
    }

    /// Forgets an entry. What a live build may have mounted keeps its files, for a day, out of sight: a RUN that loses
    /// them while it runs would go on without them.
    void forget(Path entry) {
        Path workspace = root.resolve("tmp");
        Path away = workspace.resolve("forgotten-" + UUID.randomUUID());
        try {
            Files.move(entry, away, StandardCopyOption.ATOMIC_MOVE);
            FileTime now = VolumeTime.now(workspace);
            if (LivePins.read(root.resolve("pins"), now)
                    .entries()
                    .contains(root.relativize(entry).toString())) {
                Files.setLastModifiedTime(away, now);
            } else {
                Leftovers.delete(away);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already.", entry);
        } catch (IOException e) {
            LOG.warn("{} is damaged and cannot be taken away: {}", entry, e.toString());
        }
    }
}
