package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.lock.Holder;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.cache.lock.Turn;
import build.kiln.builder.cache.lock.Waiter;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Step;
import build.kiln.builder.snapshot.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The directories of `RUN --mount=type=cache`, shared as the Dockerfile asks by all builds on the volume.
///
/// Where the volume has no locks, a RUN that wants a directory for itself gets an empty one that is thrown away.
final class CacheMounts {

    private final Cache cache;
    private final Progress.Activity activity;
    private final Form form;

    /// @param activity is told for whom the RUN waits
    /// @param form where nothing can be mounted, a directory is moved to the RUN that uses it: so only one can
    CacheMounts(Cache cache, Progress.Activity activity, Form form) {
        this.cache = cache;
        this.activity = activity;
        this.form = form;
    }

    /// A directory while one RUN uses it.
    ///
    /// @param lock on the directory; null if it is shared
    /// @param temporary what is deleted afterwards
    record Taken(Path folder, @Nullable Holding lock, Optional<Path> temporary) implements AutoCloseable {

        /// Throws away what it holds, unless other builds use it, too.
        void discard(Cache cache) {
            if (lock != null) {
                cache.discardMount(folder);
            } else {
                cache.discardUnsharedMount(folder);
            }
        }

        @Override
        public void close() {
            temporary.ifPresent(Leftovers::delete);
            if (lock != null) {
                lock.close();
            }
        }
    }

    /// Takes the directory; waits where the RUN wants it for itself and another has it.
    ///
    /// @param seed what it starts with; null for nothing
    Taken take(Step.Mount.Cache mount, Platform platform, @Nullable CacheSeed seed) throws InterruptedException {
        String id = id(mount, platform, seed);
        try {
            return switch (mount.sharing()) {
                case SHARED ->
                    form == Form.UNPACKED
                            ? locked(id, mount, seed)
                            : new Taken(folder(id, mount, seed), null, Optional.empty());
                case LOCKED -> locked(id, mount, seed);
                case PRIVATE -> firstFree(id, mount, seed);
            };
        } catch (IOException e) {
            throw LayerStore.diskFull(cache.workspace(), e);
        }
    }

    /// Directories that start differently are different ones, as in BuildKit.
    static String id(Step.Mount.Cache mount, Platform platform, @Nullable CacheSeed seed) {
        String id = mount.id() + "\n" + platform;
        if (seed != null) {
            id += "\nfrom " + seed.identity();
        }
        boolean asUsual = mount.mode() == 0755 && mount.uid() == 0 && mount.gid() == 0;
        return asUsual ? id : id + "\n" + Integer.toOctalString(mount.mode()) + " " + mount.uid() + ":" + mount.gid();
    }

    private Taken locked(String id, Step.Mount.Cache mount, @Nullable CacheSeed seed)
            throws IOException, InterruptedException {
        Turn turn = cache.locks().take(lock(id), new Waiter() {
            @Override
            public boolean isServed() {
                return false;
            }

            @Override
            public void waitsFor(Holder holder) {
                activity.note("waiting for the cache mount \"" + mount.id() + "\", which " + holder.name() + " uses");
            }
        });
        return taken(turn, id, mount, seed);
    }

    private Taken firstFree(String id, Step.Mount.Cache mount, @Nullable CacheSeed seed) throws IOException {
        for (int number = 0; ; number++) {
            String numbered = number == 0 ? id : id + "\n" + number;
            Optional<Turn> turn = cache.locks().tryTake(lock(numbered));
            if (turn.isPresent()) {
                return taken(turn.get(), numbered, mount, seed);
            }
        }
    }

    private Taken taken(Turn turn, String id, Step.Mount.Cache mount, @Nullable CacheSeed seed) throws IOException {
        return switch (turn) {
            case Turn.Mine(Holding lock) -> new Taken(folder(id, mount, seed), lock, Optional.empty());
            case Turn.Unlocked(String why) -> {
                activity.note("starts with an empty cache mount \"" + mount.id() + "\". " + why);
                Path aside = cache.newDirectory("mount");
                yield new Taken(make(aside, mount, seed), null, Optional.of(aside));
            }
            case Turn.Served() -> throw new IllegalStateException("nobody else can do a RUN's work");
        };
    }

    private static String lock(String id) {
        return "mount-" + Digest.of(id.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private Path folder(String id, Step.Mount.Cache mount, @Nullable CacheSeed seed) throws IOException {
        Path folder = cache.mount(id).resolve("fs");
        if (!Files.isDirectory(folder)) {
            Path aside = cache.newDirectory("mount");
            cache.publishMount(id, make(aside, mount, seed));
            Leftovers.delete(aside);
        }
        return folder;
    }

    private static Path make(Path parent, Step.Mount.Cache mount, @Nullable CacheSeed seed) throws IOException {
        Path made = Files.createDirectory(parent.resolve("fs"));
        byte[] name = "fs".getBytes(StandardCharsets.UTF_8);
        try (Directory directory = Directory.open(parent)) {
            directory.chown(name, mount.uid(), mount.gid());
            directory.chmod(name, mount.mode());
        }
        if (seed != null) {
            seed.copyInto(made);
        }
        return made;
    }
}
