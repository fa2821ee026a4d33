package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Step;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The directories of `RUN --mount=type=cache`, shared as the Dockerfile asks.
final class CacheMounts {

    private static final long RETRY_MILLIS = 100;

    private final Cache cache;

    CacheMounts(Cache cache) {
        this.cache = cache;
    }

    /// A directory while one RUN uses it. Its lock ends with the process at the latest.
    record Taken(Path folder, @Nullable FileChannel locked) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            if (locked != null) {
                locked.close();
            }
        }
    }

    /// Takes the directory; waits where the RUN wants it for itself and another has it.
    Taken take(Step.Mount.Cache mount, Platform platform) throws InterruptedException {
        String id = mount.id() + "\n" + platform;
        try {
            return switch (mount.sharing()) {
                case SHARED -> new Taken(folder(id, mount), null);
                case LOCKED -> locked(id, mount);
                case PRIVATE -> firstFree(id, mount);
            };
        } catch (IOException e) {
            throw LayerStore.diskFull(cache.workspace(), e);
        }
    }

    private Taken locked(String id, Step.Mount.Cache mount) throws IOException, InterruptedException {
        Path folder = folder(id, mount);
        while (true) {
            FileChannel lock = tryLock(folder);
            if (lock != null) {
                return new Taken(folder, lock);
            }
            Thread.sleep(RETRY_MILLIS);
        }
    }

    private Taken firstFree(String id, Step.Mount.Cache mount) throws IOException {
        for (int number = 0; ; number++) {
            Path folder = folder(number == 0 ? id : id + "\n" + number, mount);
            FileChannel lock = tryLock(folder);
            if (lock != null) {
                return new Taken(folder, lock);
            }
        }
    }

    private static @Nullable FileChannel tryLock(Path folder) throws IOException {
        Path file = folder.resolveSibling(folder.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Another RUN of this very build has it.
        }
        channel.close();
        return null;
    }

    private Path folder(String id, Step.Mount.Cache mount) throws IOException {
        Path folder = cache.mount(id).resolve("fs");
        if (!Files.isDirectory(folder)) {
            Path aside = cache.newDirectory("mount");
            Path made = aside.resolve("fs");
            Files.createDirectory(made);
            byte[] name = "fs".getBytes(StandardCharsets.UTF_8);
            try (Directory parent = Directory.open(aside)) {
                parent.chown(name, mount.uid(), mount.gid());
                parent.chmod(name, mount.mode());
            }
            cache.publishMount(id, made);
            Leftovers.delete(aside);
        }
        return folder;
    }
}
