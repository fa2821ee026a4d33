package build.kiln.builder.source;

import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
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

        Optional<ContentDigest> find(FileIdentity file);

        void remember(FileIdentity file, ContentDigest content);
    }

    /// A store that remembers nothing.
    public static final Store NO_STORE = new Store() {
        @Override
        public Optional<ContentDigest> find(FileIdentity file) {
            return Optional.empty();
        }

        @Override
        public void remember(FileIdentity file, ContentDigest content) {}
    };

    /// A file that was changed this recently can be changed again without a new time. Its digest is not stored.
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final Store store;
    private final Clock clock;
    private final Map<FileIdentity, Read> known = new ConcurrentHashMap<>();

    /// By device: whether files on it can be known again without reading them.
    private final Map<Long, Boolean> telling = new ConcurrentHashMap<>();

    public FileDigests(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /// What was read of one file.
    ///
    /// @param content null for all that is not a file
    /// @param attributes its extended attributes, by name
    record Read(@Nullable ContentDigest content, Map<String, byte[]> attributes) {}

    /// What this build has read of a file; null if it has not.
    @Nullable
    Read known(ContextFile file) {
        return known.get(file.identity());
    }

    /// A file's content and attributes. Files with attributes are read by every build, so that the store need not know
    /// them: there are few.
    Read of(ContextFile file, ContentHash hash) throws IOException {
        Read known = known(file);
        if (known != null) {
            return known;
        }
        Read read = file.kind() == FileKind.FILE ? file(file, hash) : new Read(null, attributes(file));
        this.known.put(file.identity(), read);
        return read;
    }

    private Read file(ContextFile file, ContentHash hash) throws IOException {
        if (!isToldOfChanges(file)) {
            return hash.of(file);
        }
        ContentDigest stored = store.find(file.identity()).orElse(null);
        if (stored != null) {
            return new Read(stored, Map.of());
        }
        boolean settled = isSettled(file.identity());
        Read read = hash.of(file);
        if (settled && read.attributes().isEmpty()) {
            store.remember(file.identity(), Objects.requireNonNull(read.content()));
        }
        return read;
    }

    private static Map<String, byte[]> attributes(ContextFile file) throws IOException {
        return file.kind() == FileKind.DIRECTORY ? ExtendedAttributes.of(file) : Map.of();
    }

    private boolean isToldOfChanges(ContextFile file) throws IOException {
        Boolean known = telling.get(file.identity().device());
        if (known == null) {
            known = FileSystemStatus.of(NativePath.of(file.location())).tellsOfChanges();
            telling.put(file.identity().device(), known);
        }
        return known;
    }

    private boolean isSettled(FileIdentity file) {
        long limit =
                TimeUnit.MILLISECONDS.toNanos(clock.instant().minus(SETTLED).toEpochMilli());
        return file.changedNanos() < limit && file.modifiedNanos() < limit;
    }
}
