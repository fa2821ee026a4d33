package build.kiln.builder.cache;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.cache.file.Lookup;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The small files of a volume, each a JSON object: what is known of finished steps, of failed ones and of
/// URLs.
///
/// What cannot be read is unknown, and what cannot be written is found out again; neither fails a build.
final class Records {

    private static final Logger LOG = LoggerFactory.getLogger(Records.class);

    private final Path root;
    private final VolumeUse use;

    Records(Path root, VolumeUse use) {
        this.root = root;
        this.use = use;
    }

    Optional<StepRecord> find(CacheKey key) {
        Path file = step(key);
        try {
            StepRecord record = Lookup.read(file, () -> StepRecord.read(file));
            use.touch(file);
            return Optional.of(record);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("The cache record {} cannot be read and counts as a miss: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    void write(CacheKey key, StepRecord record) {
        write(step(key), record.toJson());
    }

    /// @return false if the lock was taken away; nothing has changed then
    boolean publish(CacheKey key, StepRecord record, Holding lock) {
        try {
            boolean isPublished = lock.publish(record.toJson(), step(key));
            Files.deleteIfExists(failed(key));
            return isPublished;
        } catch (IOException e) {
            LOG.warn("The step could not be recorded in the cache and will run again next time: {}", e.toString());
            return true;
        }
    }

    Optional<FailedStep> failure(CacheKey key) {
        try {
            return Optional.of(Lookup.read(failed(key), () -> FailedStep.read(failed(key))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("How a step failed for others cannot be read, and it runs again: {}", e.toString());
            return Optional.empty();
        }
    }

    void publish(CacheKey key, FailedStep failed, Holding lock) {
        try {
            lock.publish(failed.toJson(), failed(key));
        } catch (IOException e) {
            LOG.debug("The failure cannot be told to those who wait, and they run the step: {}", e.toString());
        }
    }

    Optional<SeenFile> seenFile(String url) {
        Path file = urlFile(url);
        try {
            SeenFile seen = SeenFile.parse(BoundedFile.read(file, SeenFile.MOST_BYTES));
            use.touch(file);
            return Optional.of(seen);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("What the cache knows of a URL cannot be read, and it is fetched again: {}", e.getMessage());
            return Optional.empty();
        }
    }

    void write(String url, SeenFile seen) {
        write(urlFile(url), seen.toJson());
    }

    private void write(Path file, byte[] json) {
        try {
            Path aside = Files.createTempFile(root.resolve("tmp"), use.owner() + "record-", ".json");
            try (FileChannel out = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(json);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(false);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} could not be written to the cache: it will be found out again.", file.getFileName(), e);
        }
    }

    private Path step(CacheKey key) {
        return root.resolve("steps").resolve(key + ".json");
    }

    private Path failed(CacheKey key) {
        return root.resolve("failed").resolve(key + ".json");
    }

    /// A URL may hold a password; its digest does not.
    private Path urlFile(String url) {
        return root.resolve("urls")
                .resolve(Digest.of(url.getBytes(StandardCharsets.UTF_8)).hex() + ".json");
    }
}
