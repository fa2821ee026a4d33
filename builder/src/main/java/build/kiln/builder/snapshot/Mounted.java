package build.kiln.builder.snapshot;

import build.kiln.builder.failure.PlatformFailure;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One mount with the folder that it lives in.
///
/// ```
/// <home>/root      where the overlay is mounted
/// <home>/changes   its upper directory, if it has one
/// <home>/work      for the kernel
/// ```
final class Mounted {

    private static final Logger LOG = LoggerFactory.getLogger(Mounted.class);

    private final Path home;
    private boolean mounted = true;
    private boolean closed;

    Mounted(Path home) {
        this.home = home;
    }

    /// The same folder where nothing is mounted: its root is a directory with files in it.
    static Mounted unpacked(Path home) {
        Mounted files = new Mounted(home);
        files.mounted = false;
        return files;
    }

    Path root() {
        return root(home);
    }

    static Path root(Path home) {
        return home.resolve("root");
    }

    static Path changes(Path home) {
        return home.resolve("changes");
    }

    static Path work(Path home) {
        return home.resolve("work");
    }

    Path changes() {
        return changes(home);
    }

    synchronized boolean isMounted() {
        return mounted;
    }

    /// @throws PlatformFailure if the kernel refuses; the mount then ends with the process
    synchronized void unmount() {
        if (mounted) {
            mounted = false;
            try {
                OverlayMount.unmount(root());
            } catch (IOException e) {
                throw MountFailures.workplace(home, e);
            }
        }
    }

    /// Unmounts and removes everything that nobody has moved away. What cannot be removed is removed by a later
    /// process.
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        unmount();
        try {
            Workplace.removeTree(home);
        } catch (IOException e) {
            LOG.warn("A root file system's folder cannot be removed now: {}", e.toString());
        }
    }
}
