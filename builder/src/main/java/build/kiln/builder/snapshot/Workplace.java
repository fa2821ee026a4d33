package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder that belongs to this process as long as it lives: `<id>/`, with the lock `<id>.lock` beside it.
///
/// The kernel frees the lock when the process dies, however it dies. Who comes later sees it free and removes the
/// folder. Mounts need no clearing away: they end with the mount namespace of the process that made them.
final class Workplace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Workplace.class);
    private static final String LOCK = ".lock";

    private final Path home;
    private final Path lockFile;
    private final OpenFile lock;

    private Workplace(Path home, Path lockFile, OpenFile lock) {
        this.home = home;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// Makes a folder below `parent`, and removes those of dead processes.
    static Workplace claim(Path parent) throws IOException {
        Files.createDirectories(parent);
        removeLeftovers(parent);
        while (true) {
            String id = UUID.randomUUID().toString();
            Path lockFile = parent.resolve(id + LOCK);
            OpenFile lock = OpenFile.readWrite(NativePath.of(lockFile), 0600);
            // Between its birth and our lock somebody may have taken it for a leftover, and removed it.
            if (lock.tryLock(Lock.EXCLUSIVE) && isStill(lockFile, lock)) {
                Path home = Files.createDirectory(parent.resolve(id));
                return new Workplace(home, lockFile, lock);
            }
            lock.close();
        }
    }

    Path home() {
        return home;
    }

    private static boolean isStill(Path file, OpenFile open) throws IOException {
        FileStatus status = open.status();
        return Files.exists(file) && Files.getAttribute(file, "unix:ino").equals(status.inode());
    }

    private static void removeLeftovers(Path parent) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, "*" + LOCK)) {
            for (Path lockFile : locks) {
                try {
                    removeIfDead(lockFile);
                } catch (IOException e) {
                    LOG.warn("What a process that is gone has left cannot be removed: {}", e.toString());
                }
            }
        }
    }

    private static void removeIfDead(Path lockFile) throws IOException {
        try (OpenFile lock = OpenFile.readWrite(NativePath.of(lockFile), 0600)) {
            if (lock.tryLock(Lock.EXCLUSIVE)) {
                String name = lockFile.getFileName().toString();
                Path home = lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
                removeTree(home);
                Files.deleteIfExists(lockFile);
            }
        }
    }

    /// Removes a folder with all that is below it, whatever its modes.
    static void removeTree(Path folder) throws IOException {
        Path parent = folder.getParent();
        Path name = folder.getFileName();
        if (parent == null || name == null || !Files.exists(folder)) {
            return;
        }
        try (Directory directory = Directory.open(parent)) {
            directory.removeTree(name.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() throws IOException {
        removeTree(home);
        Files.deleteIfExists(lockFile);
        lock.close();
    }
}
