package build.kiln.builder.execute;

import build.kiln.builder.cache.BlobCheck;
import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
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
import build.kiln.builder.layer.Repacked;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Gives a layer in the form that is needed: as a directory to mount, as a table of contents, as a blob to send.
///
/// Whatever form the cache has not is made from one that it has, or from the registry, once for all who ask.
final class LayerStore implements LayerSource {

    private final Cache cache;
    private final SharedPulls pulls;
    private final BaseLayers bases;
    private final ImportedSteps imported;
    private final LayerForms forms;
    private final BrokenLayers broken;
    private final Compressor compressor;
    private final Progress progress;
    private final Clock clock;
    private final LayerTurns turns;
    private final LayerDirectories directories;
    private final SingleFlight<DiffId, LayerIndex> indexes = new SingleFlight<>();
    private final SingleFlight<Form, Descriptor> blobs = new SingleFlight<>();
    private final Set<DiffId> announced = ConcurrentHashMap.newKeySet();

    private record Form(DiffId diffId, String recipe) {}

    /// @param compressor of blobs that have to be made
    LayerStore(
            Cache cache,
            Registry registry,
            ImportedSteps imported,
            Compressor compressor,
            Progress progress,
            Clock clock) {
        this.cache = cache;
        this.pulls = new SharedPulls(cache, registry);
        this.bases = new BaseLayers(pulls);
        this.imported = imported;
        this.forms = new LayerForms(cache, imported);
        this.broken = new BrokenLayers(cache, bases, imported, forms);
        this.compressor = compressor;
        this.progress = progress;
        this.clock = clock;
        this.turns = new LayerTurns(cache, progress);
        this.directories = new LayerDirectories(cache, turns, this::unpack);
    }

    @Override
    public Path directory(LayerRef layer) {
        return directories.of(layer);
    }

    /// @throws PlatformFailure `CacheLost` if a directory that was given is not where it was
    void checkDirectories() {
        directories.checkStillThere();
    }

    /// All of a chain's directories, the lowest first; those that are missing are unpacked side by side.
    List<Path> directories(Chain chain) {
        return chain.sideBySide(this::directory);
    }

    /// Whether the volume has not all of a chain's directories.
    boolean lacksDirectory(Chain chain) {
        return chain.layers().stream()
                .anyMatch(layer -> cache.layer(layer.diffId()).isEmpty());
    }

    /// Says that these directories are about to be made, so that no layer is read for its table of contents alone.
    void announceDirectories(Chain chain) {
        chain.layers().forEach(layer -> announced.add(layer.diffId()));
    }

    /// All of a chain's tables of contents, the lowest first; those that are missing are read side by side.
    List<LayerIndex> indexes(Chain chain) {
        return chain.sideBySide(this::index);
    }

    /// Of a base layer that nobody has unpacked, only the table of contents is kept.
    @Override
    public LayerIndex index(LayerRef layer) {
        return indexes.get(
                layer.diffId(),
                () -> readIndex(layer.diffId())
                        .or(() -> indexOfDirectory(layer))
                        .orElseGet(() -> turns.once(
                                "index-", layer.diffId(), () -> readIndex(layer.diffId()), () -> scan(layer))));
    }

    /// The table of contents that comes with a directory that is being made anyway. If none can be made here, the step
    /// that mounts it says so.
    private Optional<LayerIndex> indexOfDirectory(LayerRef layer) {
        if (!announced.contains(layer.diffId())) {
            return Optional.empty();
        }
        try {
            directory(layer);
            return readIndex(layer.diffId());
        } catch (PlatformFailure e) {
            return Optional.empty();
        }
    }

    @Override
    public Descriptor blob(LayerRef layer) {
        return switch (layer) {
            case LayerRef.Base base -> base.blob();
            case LayerRef.Made made -> blob(made, compressor);
        };
    }

    @Override
    public Packed inImage(LayerRef.Made layer) {
        return new Packed(compressor.recipe(), blob(layer, compressor));
    }

    @Override
    public Packed packed(LayerRef.Made layer, Compressor compressor) {
        if (!forms.isThere(layer.blobs().get(compressor.recipe()))) {
            for (Map.Entry<String, Descriptor> known : layer.blobs().entrySet()) {
                if (!known.getValue().mediaType().equals(MediaTypes.OCI_LAYER) && forms.isThere(known.getValue())) {
                    return new Packed(known.getKey(), known.getValue());
                }
            }
        }
        return new Packed(compressor.recipe(), blob(layer, compressor));
    }

    private Descriptor blob(LayerRef.Made layer, Compressor how) {
        Descriptor known = layer.blobs().get(how.recipe());
        return known != null && forms.isThere(known)
                ? known
                : blobs.get(new Form(layer.diffId(), how.recipe()), () -> compress(layer, how));
    }

    @Override
    public InputStream open(LayerRef layer) {
        return open(layer, blob(layer));
    }

    @Override
    public InputStream open(LayerRef layer, Descriptor blob) {
        Optional<Path> file = cache.blob(blob);
        if (file.isPresent()) {
            return open(file.get(), layer, broken);
        }
        return switch (layer) {
            case LayerRef.Base base -> bases.open(base, blob);
            case LayerRef.Made made ->
                pulls.open(imported.home(blob.digest()).orElseThrow(() -> BrokenLayers.vanished(made)), blob);
        };
    }

    @Override
    public void announceCopy(LayerRef.Base layer) {
        pulls.announce(layer.blob().digest());
    }

    @Override
    public List<ImageReference> knownIn(LayerRef layer, Descriptor blob) {
        return switch (layer) {
            case LayerRef.Base base -> bases.knownIn(base);
            case LayerRef.Made _ -> imported.home(blob.digest()).stream().toList();
        };
    }

    @Override
    public InputStream openVerified(LayerRef layer, Descriptor blob) {
        Optional<Path> file = cache.blob(blob);
        if (file.isPresent() && !cache.hasMade(blob.digest()) && !isIntact(file.get(), blob)) {
            progress.warning("The blob " + blob.digest() + " in the cache was damaged, and is not used.");
            cache.forgetBlob(blob.digest());
            return layer instanceof LayerRef.Made && blob(layer).equals(blob) ? open(layer) : open(layer, blob);
        }
        return open(layer, blob);
    }

    private static boolean isIntact(Path file, Descriptor blob) {
        try {
            return BlobCheck.isIntact(file, blob.digest());
        } catch (IOException e) {
            return false;
        }
    }

    /// The layer as a tar in whatever compression.
    private InputStream content(LayerRef layer) {
        return switch (layer) {
            case LayerRef.Base _ -> open(layer);
            case LayerRef.Made made ->
                open(
                        made,
                        forms.stored(made)
                                .or(() -> forms.imported(made))
                                .orElseThrow(() -> BrokenLayers.vanished(made)));
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
            cache.forgetIndex(diffId);
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
            cache.wrote(result.tarSizeBytes());
            return result.index();
        } catch (InvalidLayer | UnreadableBlob e) {
            RuntimeException failure = broken.failure(layer, e);
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

    private Descriptor compress(LayerRef.Made layer, Compressor how) {
        Path folder = cache.newDirectory("blob");
        Path aside = folder.resolve("blob");
        try (OutputStream out = Files.newOutputStream(aside)) {
            Repacked made = forms.stored(layer).isPresent()
                            || cache.layer(layer.diffId()).isEmpty()
                    ? repack(layer, how, out)
                    : pack(layer, how, out);
            if (!made.diffId().equals(layer.diffId())) {
                throw broken.changed(layer, made.diffId());
            }
            cache.publishBlob(made.blob().digest(), aside);
            return made.blob();
        } catch (InvalidLayer | UnreadableBlob e) {
            throw broken.failure(layer, e);
        } catch (IOException e) {
            throw diskFull(aside, e);
        } finally {
            Leftovers.delete(folder);
        }
    }

    /// From a form that is a tar already: owners are in there that a directory may not have.
    private Repacked repack(LayerRef.Made layer, Compressor how, OutputStream out) throws IOException {
        try (InputStream in = content(layer)) {
            return Repacked.of(in, how, out);
        }
    }

    private Repacked pack(LayerRef.Made layer, Compressor how, OutputStream out) throws IOException {
        try (LayerWriter writer = LayerWriter.open(how, new Timestamps.ClampedTo(layer.epoch()), List.of(out))) {
            Changeset.of(directory(layer), OverlayXattrs.USER).writeTo(writer);
            Layer made = writer.finish();
            return new Repacked(made.blob(), made.diffId(), made.tarSizeBytes());
        }
    }

    static PlatformFailure diskFull(Path place, IOException e) {
        return new PlatformFailure(
                Reason.DiskFull,
                place.toString(),
                "the cache volume could not be written or read: " + e + ".",
                "Give it room, or name another directory with --cache-dir.",
                e);
    }

    private static InputStream open(Path file, LayerRef layer, BrokenLayers broken) {
        try {
            return UnreadableBlob.open(file);
        } catch (UnreadableBlob e) {
            throw broken.failure(layer, e);
        }
    }
}
