package build.kiln.builder.source;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The digests of files' contents, each computed once.
///
/// One of these lasts for one build. What outlives a build is in the [Store].
public final class FileDigests {

    /// Remembers digests between builds.
    public interface Store {

        Optional<Digest> find(FileIdentity file);

        void remember(FileIdentity file, Digest content);
    }

    /// A store that remembers nothing.
    public static final Store NO_STORE = new Store() {
        @Override
        public Optional<Digest> find(FileIdentity file) {
            return Optional.empty();
        }

        @Override
        public void remember(FileIdentity file, Digest content) {}
    };

    /// A file that was changed this recently can be changed again without a new time. Its digest is not stored.
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final Store store;
    private final Clock clock;
    private final Map<FileIdentity, Digest> known = new ConcurrentHashMap<>();

    public FileDigests(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /// The digest of a file that this build has asked for before; null if it has not.
    @Nullable
    Digest known(ContextFile file) {
        return known.get(file.identity());
    }

    Digest of(ContextFile file, byte[] buffer) throws IOException {
        Digest known = this.known.get(file.identity());
        if (known != null) {
            return known;
        }
        Digest digest = store.find(file.identity()).orElse(null);
        if (digest == null) {
            boolean settled = isSettled(file.identity());
            digest = read(file, buffer);
            if (settled) {
                store.remember(file.identity(), digest);
            }
        }
        this.known.put(file.identity(), digest);
        return digest;
    }

    private boolean isSettled(FileIdentity file) {
        long limit =
                TimeUnit.MILLISECONDS.toNanos(clock.instant().minus(SETTLED).toEpochMilli());
        return file.changedNanos() < limit && file.modifiedNanos() < limit;
    }

    private static Digest read(ContextFile file, byte[] buffer) throws IOException {
        MessageDigest hash = Sha256.newHash();
        try (InputStream content = file.open()) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        return Digest.finish(hash);
    }
}
