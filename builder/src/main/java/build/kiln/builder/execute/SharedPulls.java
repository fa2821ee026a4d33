package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Pulls blobs of registries, straight to who wants one. A blob that is announced to be wanted twice, to be copied and
/// to
/// be unpacked, is pulled once: it goes through a file, which ends in the cache, where a push that is tried again finds
/// it.
final class SharedPulls {

    private final Cache cache;
    private final Registry registry;
    private final Set<Digest> announced = ConcurrentHashMap.newKeySet();
    private final SingleFlight<Digest, SharedPull> pulls = new SingleFlight<>();

    SharedPulls(Cache cache, Registry registry) {
        this.cache = cache;
        this.registry = registry;
    }

    void announce(Digest blob) {
        announced.add(blob);
    }

    /// The bytes of a blob that the cache did not have a moment ago.
    InputStream open(ImageReference from, Descriptor blob) {
        if (!announced.contains(blob.digest())) {
            return registry.pull(from, blob);
        }
        while (true) {
            try {
                Optional<InputStream> reader =
                        pulls.get(blob.digest(), () -> start(from, blob)).reader();
                if (reader.isPresent()) {
                    return reader.get();
                }
                Optional<Path> file = cache.blob(blob);
                if (file.isPresent()) {
                    return UnreadableBlob.open(file.get());
                }
            } catch (IOException e) {
                throw LayerStore.diskFull(cache.workspace(), e);
            }
            pulls.forget(blob.digest());
        }
    }

    private SharedPull start(ImageReference from, Descriptor blob) {
        Path folder = cache.newDirectory("pull");
        try {
            return SharedPull.start(folder.resolve("blob"), registry.pull(from, blob), new SharedPull.End() {
                @Override
                public void complete(Path file) {
                    cache.publishBlob(blob.digest(), file);
                    Leftovers.delete(folder);
                }

                @Override
                public void failed() {
                    pulls.forget(blob.digest());
                    Leftovers.delete(folder);
                }
            });
        } catch (IOException e) {
            Leftovers.delete(folder);
            throw LayerStore.diskFull(folder, e);
        } catch (RuntimeException e) {
            Leftovers.delete(folder);
            throw e;
        }
    }
}
