package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.registry.Registry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Gives a layer in the form that is needed: as a directory to mount, as a table of contents, as a blob to send.
///
/// Whatever form the cache has not is made from one that it has, or from the registry, once for all who ask.
final class LayerStore implements LayerSource {

    private final Cache cache;
    private final Registry registry;
    private final Compressor compressor;
    private final Progress progress;
    private final Clock clock;
    private final SingleFlight<DiffId, Path> directories = new SingleFlight<>();
    private final SingleFlight<DiffId, LayerIndex> indexes = new SingleFlight<>();
    private final SingleFlight<DiffId, Descriptor> blobs = new SingleFlight<>();

    /// @param compressor of blobs that have to be made
    LayerStore(Cache cache, Registry registry, Compressor compressor, Progress progress, Clock clock) {
        this.cache = cache;
        this.registry = registry;
        this.compressor = compressor;
        this.progress = progress;
        this.clock = clock;
    }

    /// The layer as an overlay directory.
    Path directory(LayerRef layer) {
        return directories.get(layer.diffId(), () -> cache.layer(layer.diffId()).orElseGet(() -> unpack(layer)));
    }

    /// All of a chain's directories, the lowest first; those that are missing are unpacked side by side.
    List<Path> directories(Chain chain) {
        List<CompletableFuture<Path>> all = chain.layers().stream()
                .map(layer -> CompletableFuture.supplyAsync(
                        () -> directory(layer), task -> Thread.ofVirtual().start(task)))
                .toList();
        try {
            return all.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /// Of a base layer that nobody has unpacked, only the table of contents is kept.
    @Override
    public LayerIndex index(LayerRef layer) {
        return indexes.get(layer.diffId(), () -> readIndex(layer.diffId()).orElseGet(() -> scan(layer)));
    }

    @Override
    public Descriptor blob(LayerRef layer) {
        return switch (layer) {
            case LayerRef.Base base -> base.blob();
            case LayerRef.Made made -> {
                Descriptor known = made.blobs().get(compressor.recipe());
                yield known != null && cache.blob(known).isPresent()
                        ? known
                        : blobs.get(made.diffId(), () -> compress(made));
            }
        };
    }

    @Override
    public InputStream open(LayerRef layer) {
        Descriptor blob = blob(layer);
        Optional<Path> file = cache.blob(blob);
        return switch (layer) {
            case LayerRef.Base base -> file.isPresent() ? open(file.get()) : registry.pull(base.image(), blob);
            case LayerRef.Made made -> open(file.orElseThrow(() -> vanished(made)));
        };
    }

    /// The layer as a tar in whatever compression.
    private InputStream content(LayerRef layer) {
        return switch (layer) {
            case LayerRef.Base _ -> open(layer);
            case LayerRef.Made made ->
                open(made.blobs().values().stream()
                        .flatMap(blob -> cache.blob(blob).stream())
                        .findFirst()
                        .orElseThrow(() -> vanished(made)));
        };
    }

    @Override
    public FileContent content(LayerRef layer, LayerPath path, long sizeBytes) {
        Path folder = directory(layer);
        return new FileContent() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() throws IOException {
                try (Directory root = Directory.open(folder)) {
                    return FileContent.in(root, path, sizeBytes).open();
                }
            }
        };
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static PlatformFailure vanished(LayerRef.Made layer) {
        return new PlatformFailure(
                Reason.CacheLost,
                "",
                "The layer of \"" + layer.instruction() + "\" was in the cache when the build began and is gone now.",
                "Nobody may delete from the cache volume while builds run; start the build again.");
    }

    /// Whether any form of the layer is in the cache.
    boolean has(DiffId diffId, Iterable<Descriptor> blobs) {
        if (cache.layer(diffId).isPresent()) {
            return true;
        }
        for (Descriptor blob : blobs) {
            if (cache.blob(blob).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /// Keeps the table of contents of a layer that has just been made or read.
    void keepIndex(DiffId diffId, LayerIndex index) {
        Path folder = cache.newDirectory("index");
        Path aside = folder.resolve("index");
        try (OutputStream out = Files.newOutputStream(aside)) {
            index.save(out);
        } catch (IOException e) {
            throw diskFull(aside, e);
        }
        cache.publishIndex(diffId, aside);
        Leftovers.delete(folder);
    }

    private Optional<LayerIndex> readIndex(DiffId diffId) {
        Optional<Path> file = cache.index(diffId);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file.get()), 1 << 16)) {
            return Optional.of(LayerIndex.load(in));
        } catch (IOException e) {
            progress.warning("The table of contents " + file.get() + " in the cache cannot be read and is made again: "
                    + e.getMessage());
            return Optional.empty();
        }
    }

    private Path unpack(LayerRef layer) {
        Path made = cache.newDirectory("layer");
        Path folder = made.resolve("fs");
        LayerIndex index = read(layer, "unpacking ", in -> unpack(layer, in, folder));
        if (cache.index(layer.diffId()).isEmpty()) {
            keepIndex(layer.diffId(), index);
        }
        Path published = cache.publishLayer(layer.diffId(), folder);
        Leftovers.delete(made);
        return published;
    }

    private static LayerReader.Unpacked unpack(LayerRef layer, InputStream blob, Path folder) throws IOException {
        Files.createDirectory(folder);
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            LayerReader.Unpacked unpacked = LayerReader.read(blob, layer.diffId(), directory);
            directory.finish();
            return unpacked;
        }
    }

    private LayerIndex scan(LayerRef layer) {
        LayerIndex index = read(layer, "reading ", in -> LayerReader.readIndex(in, layer.diffId()));
        keepIndex(layer.diffId(), index);
        return index;
    }

    private interface Reading {
        LayerReader.Unpacked read(InputStream blob) throws IOException;
    }

    private LayerIndex read(LayerRef layer, String what, Reading reading) {
        String title = "[internal] " + what + layer.diffId();
        Progress.Activity activity = progress.start(title);
        Instant start = clock.instant();
        try (InputStream in = content(layer)) {
            LayerReader.Unpacked result = reading.read(in);
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return result.index();
        } catch (InvalidLayer e) {
            RuntimeException failure = corrupt(layer, e);
            activity.failed(String.valueOf(failure.getMessage()));
            throw failure;
        } catch (IOException e) {
            PlatformFailure failure = diskFull(cache.workspace(), e);
            activity.failed(String.valueOf(failure.getMessage()));
            throw failure;
        } catch (RuntimeException e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private Descriptor compress(LayerRef.Made layer) {
        Path content = directory(layer);
        Path folder = cache.newDirectory("blob");
        Path aside = folder.resolve("blob");
        try (OutputStream out = Files.newOutputStream(aside);
                LayerWriter writer =
                        LayerWriter.open(compressor, new Timestamps.ClampedTo(layer.epoch()), List.of(out))) {
            Changeset.of(content, OverlayXattrs.USER).writeTo(writer);
            Layer made = writer.finish();
            if (!made.diffId().equals(layer.diffId())) {
                throw new Defect(
                        "The layer of \"" + layer.instruction() + "\" was " + layer.diffId()
                                + " when it was made, and is " + made.diffId() + " when it is read again.",
                        null);
            }
            cache.publishBlob(made.blob().digest(), aside);
            return made.blob();
        } catch (IOException e) {
            throw diskFull(aside, e);
        } finally {
            Leftovers.delete(folder);
        }
    }

    private static RuntimeException corrupt(LayerRef layer, InvalidLayer cause) {
        String fact = String.valueOf(cause.getMessage());
        return switch (layer) {
            case LayerRef.Base base ->
                new RegistryFailure(
                        Reason.RegistryCorrupt,
                        base.image().toString(),
                        "the layer " + base.blob().digest() + " is broken. " + fact,
                        "Push the base image again, or use another one.",
                        cause);
            case LayerRef.Made made ->
                new Defect("The cached layer of \"" + made.instruction() + "\" is broken. " + fact, cause);
        };
    }

    static PlatformFailure diskFull(Path place, IOException e) {
        return new PlatformFailure(
                Reason.DiskFull,
                place.toString(),
                "the cache volume could not be written or read: " + e + ".",
                "Give it room, or name another directory with --cache-dir.",
                e);
    }

    private static PlatformFailure unreadable(Path file, IOException e) {
        return new PlatformFailure(
                Reason.DiskFull,
                file.toString(),
                "the cached blob cannot be read: " + e + ".",
                "Delete it; it will be made again.",
                e);
    }
}
