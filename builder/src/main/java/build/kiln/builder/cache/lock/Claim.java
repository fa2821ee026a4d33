package build.kiln.builder.cache.lock;

import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A holding that is ready to be shown: everything that others will look at is in it, and the kernel lock is taken.
final class Claim implements AutoCloseable {

    static final String HOLDER = "holder";
    static final String BEAT = "beat";
    /// On this file the holder has the kernel's lock as long as its process lives. Absent where the kernel has none.
    static final String ALIVE = "alive";

    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

    private final String token;
    private final Path folder;
    private @Nullable OpenFile alive;
    private boolean shown;

    private Claim(String token, Path folder) {
        this.token = token;
        this.folder = folder;
    }

    /// @param workspace on the same file system as the locks
    static Claim prepare(Path workspace, Holder me) throws IOException {
        String token = UUID.randomUUID().toString();
        Claim claim = new Claim(token, workspace.resolve("lock-" + token));
        try {
            Path inner = claim.folder.resolve(token);
            Files.createDirectories(inner);
            Files.write(inner.resolve(HOLDER), me.toJson());
            Files.writeString(inner.resolve(BEAT), Holding.count(0));
            claim.alive = lock(inner.resolve(ALIVE));
            return claim;
        } catch (IOException e) {
            claim.close();
            throw e;
        }
    }

    private static @Nullable OpenFile lock(Path file) throws IOException {
        OpenFile open = OpenFile.readWrite(NativePath.of(file), 0600);
        try {
            if (open.tryLock(Lock.EXCLUSIVE)) {
                return open;
            }
        } catch (SystemCallFailure e) {
            LOG.info("There are no kernel locks on {}: {}", file, e.getMessage());
        }
        open.close();
        Files.delete(file);
        return null;
    }

    /// Takes the lock, if nobody has it.
    boolean show(Path key) throws IOException {
        try {
            shown = Place.moveDirectory(folder, key);
        } catch (IOException e) {
            // A network file system may ask twice, and then knows only of the second time, when it was done already.
            shown = Files.isDirectory(key.resolve(token));
            if (!shown) {
                throw e;
            }
        }
        return shown;
    }

    /// The holding that others see now.
    Holding holding(Path key, Path workspace, Heartbeat heartbeat) {
        return new Holding(key, token, workspace, alive, heartbeat);
    }

    /// Removes what was never shown.
    @Override
    public void close() {
        if (shown) {
            return;
        }
        if (alive != null) {
            try {
                alive.close();
            } catch (IOException e) {
                LOG.warn("What was prepared for a lock cannot be closed: {}", e.toString());
            }
        }
        Place.discard(folder);
    }
}
