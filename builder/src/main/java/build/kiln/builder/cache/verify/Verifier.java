package build.kiln.builder.cache.verify;

import build.kiln.builder.cache.BlobCheck;
import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads every blob, layer and record of a volume. What is not what it should be is moved out of sight and deleted, and
/// so
/// are the records that are of no use without it. Builds that run beside it take what is gone for a miss.
public final class Verifier {

    private final Cache cache;
    private final Consumer<Finding> listener;
    private final List<Finding> findings = new ArrayList<>();

    /// @param listener hears of each finding at once
    public Verifier(Cache cache, Consumer<Finding> listener) {
        this.cache = cache;
        this.listener = listener;
    }

    /// What was read.
    public record Verified(int blobs, int layers, int records, List<Finding> findings) {

        public Verified {
            findings = List.copyOf(findings);
        }
    }

    private interface Check {
        void check(Path entry) throws IOException;
    }

    public Verified verify() throws IOException {
        int blobs = each("blobs/sha256", this::blob);
        int layers = each("layers/sha256", this::layer);
        int records = each("steps", this::record);
        return new Verified(blobs, layers, records, findings);
    }

    private int each(String room, Check check) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(cache.root().resolve(room))) {
            for (Path entry : entries) {
                try {
                    check.check(entry);
                    count++;
                } catch (NoSuchFileException e) {
                    continue; // It was collected meanwhile.
                }
            }
        }
        return count;
    }

    private void blob(Path file) throws IOException {
        Optional<Digest> digest = digest(file);
        if (digest.isEmpty()) {
            return;
        }
        String fact;
        try {
            fact = BlobCheck.isIntact(file, digest.get()) ? "" : "its content has another digest";
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            fact = "it cannot be read: " + e.getMessage();
        }
        if (!fact.isEmpty()) {
            cache.forgetBlob(digest.get());
            found(file, fact);
        }
    }

    private void layer(Path home) throws IOException {
        Optional<Digest> digest = digest(home);
        Path file = home.resolve("index");
        if (digest.isEmpty() || Files.notExists(file)) {
            return;
        }
        DiffId diffId = new DiffId(digest.get());
        LayerIndex index;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            index = LayerIndex.load(in);
        } catch (InvalidLayer e) {
            cache.forgetIndex(diffId);
            found(file, "it is damaged; it is made again when it is needed");
            return;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            cache.forgetIndex(diffId);
            found(file, "it cannot be read: " + e.getMessage());
            return;
        }
        Path folder = home.resolve("fs");
        if (Files.notExists(folder)) {
            return;
        }
        Optional<String> difference;
        try {
            difference = new LayerCheck(folder, index).difference();
        } catch (IOException e) {
            difference = Files.exists(folder) ? Optional.of("it cannot be read: " + e.getMessage()) : Optional.empty();
        }
        if (difference.isPresent()) {
            cache.forgetLayer(diffId);
            found(home, difference.get());
        }
    }

    private void record(Path file) throws IOException {
        try {
            StepRecord record = StepRecord.read(file);
            if (!cache.hasLayerOf(record)) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            Files.deleteIfExists(file);
            found(file, "it is no record: " + e.getMessage());
        }
    }

    private static Optional<Digest> digest(Path entry) {
        String name = entry.getFileName().toString();
        return name.matches("[0-9a-f]{64}") ? Optional.of(new Digest("sha256", name)) : Optional.empty();
    }

    private void found(Path entry, String fact) {
        Finding finding = new Finding(cache.root().relativize(entry).toString(), fact);
        findings.add(finding);
        listener.accept(finding);
    }
}
