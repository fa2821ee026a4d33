package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.DirectoryBeside;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.Descriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a layer of entries and puts it into the cache, in one pass.
final class LayerMaker {

    private static final Logger LOG = LoggerFactory.getLogger(LayerMaker.class);

    private final Cache cache;
    private final LayerStore layers;
    private final Instant epoch;
    private final Compressor compressor;
    private final Compressor plain = Compressor.of(Compression.NONE);
    private final Consumer<BlobBeingMade> follower;
    private final Directories directories;

    /// When the layer's directory is made.
    private enum Directories {
        WHEN_NEEDED,
        AT_ONCE
    }

    /// @param follower of blobs that are part of the image: told of each before its first byte is written
    LayerMaker(Cache cache, LayerStore layers, Instant epoch, Compressor compressor, Consumer<BlobBeingMade> follower) {
        this(cache, layers, epoch, compressor, follower, Directories.WHEN_NEEDED);
    }

    private LayerMaker(
            Cache cache,
            LayerStore layers,
            Instant epoch,
            Compressor compressor,
            Consumer<BlobBeingMade> follower,
            Directories directories) {
        this.cache = cache;
        this.layers = layers;
        this.epoch = epoch;
        this.compressor = compressor;
        this.follower = follower;
        this.directories = directories;
    }

    /// One whose blobs nobody follows.
    LayerMaker unfollowed() {
        return new LayerMaker(cache, layers, epoch, compressor, _ -> {}, directories);
    }

    /// One that makes of each layer at once the directory that a RUN is going to need: besides its blob, or instead of
    /// one that nothing but its content would be wanted of.
    LayerMaker makingDirectories() {
        return new LayerMaker(cache, layers, epoch, compressor, follower, Directories.AT_ONCE);
    }

    /// What becomes of a layer's blob.
    enum Blob {
        /// It is part of the image: compressed, and kept to be sent.
        COMPRESSED,
        /// It is not part of the image: kept as it is, unless a directory holds all of its content.
        PLAIN,
        /// Its content lies in a directory; only its digests are wanted.
        NONE
    }

    /// A layer that was put into the cache.
    ///
    /// @param blobs what was kept of it besides its directory, by the compressor's recipe
    record Kept(Layer layer, Map<String, Descriptor> blobs) {}

    /// Who gives the layer's entries, as often as they are asked for.
    interface Entries {
        void writeTo(EntrySink sink) throws IOException;
    }

    /// The layer of these entries.
    ///
    /// @throws build.kiln.builder.failure.PlatformFailure `DiskFull`
    Kept make(Entries entries, Blob blob) {
        if (directories == Directories.WHEN_NEEDED) {
            return kept(withoutDirectory(entries, blob), blob);
        }
        return switch (blob) {
            case COMPRESSED -> kept(withDirectory(entries, blob).layer(), blob);
            case PLAIN -> asDirectory(entries);
            case NONE -> kept(withoutDirectory(entries, blob), blob);
        };
    }

    private Kept asDirectory(Entries entries) {
        WithDirectory made = withDirectory(entries, Blob.NONE);
        return made.isWhole() ? kept(made.layer(), Blob.NONE) : kept(withoutDirectory(entries, Blob.PLAIN), Blob.PLAIN);
    }

    /// @param isWhole whether the directory has all that the entries have: owners that are not allowed here it lacks
    private record WithDirectory(Layer layer, boolean isWhole) {}

    private WithDirectory withDirectory(Entries entries, Blob blob) {
        Path folder = cache.newDirectory("layer");
        Path fs = folder.resolve("fs");
        try (LayerDirectory directory =
                LayerDirectory.open(Files.createDirectory(fs), OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            DirectoryBeside beside = new DirectoryBeside(directory, new Timestamps.ClampedTo(epoch));
            Layer layer = withoutDirectory(sink -> entries.writeTo(beside.before(sink)), blob);
            IOException failure = beside.finish();
            if (failure == null) {
                cache.wrote(layer.tarSizeBytes());
                cache.publishLayer(layer.diffId(), fs);
            } else {
                LOG.debug("The layer {} is unpacked when it is needed: {}", layer.diffId(), failure.toString());
            }
            return new WithDirectory(layer, beside.isExact());
        } catch (IOException e) {
            throw LayerStore.diskFull(fs, e);
        } finally {
            Leftovers.delete(folder);
        }
    }

    private Layer withoutDirectory(Entries entries, Blob blob) {
        return switch (blob) {
            case COMPRESSED -> withBlob(entries, compressor, follower);
            case PLAIN -> withBlob(entries, plain, _ -> {});
            case NONE -> {
                try (LayerWriter writer = LayerWriter.open(plain, new Timestamps.ClampedTo(epoch), List.of())) {
                    yield written(entries, writer);
                } catch (IOException e) {
                    throw LayerStore.diskFull(cache.workspace(), e);
                }
            }
        };
    }

    /// The name under which a record remembers this kind of blob.
    String recipe(Blob blob) {
        return switch (blob) {
            case COMPRESSED -> compressor.recipe();
            case PLAIN, NONE -> plain.recipe();
        };
    }

    private Kept kept(Layer layer, Blob blob) {
        return new Kept(layer, blob == Blob.NONE ? Map.of() : Map.of(recipe(blob), layer.blob()));
    }

    private Layer withBlob(Entries entries, Compressor how, Consumer<BlobBeingMade> followedBy) {
        Path folder = cache.newDirectory("blob");
        Path aside = folder.resolve("blob");
        BlobBeingMade blob = new BlobBeingMade(aside);
        try {
            Layer layer;
            try (OutputStream out = BlobBeingMade.output(aside, blob)) {
                followedBy.accept(blob);
                layer = write(entries, how, out);
            }
            blob.completed(layer.blob());
            cache.publishBlob(layer.blob().digest(), aside);
            return layer;
        } catch (IOException e) {
            throw LayerStore.diskFull(aside, e);
        } finally {
            blob.end();
            Leftovers.delete(folder);
        }
    }

    private Layer write(Entries entries, Compressor how, OutputStream out) throws IOException {
        try (LayerWriter writer = LayerWriter.open(how, new Timestamps.ClampedTo(epoch), List.of(out))) {
            return written(entries, writer);
        }
    }

    private Layer written(Entries entries, LayerWriter writer) throws IOException {
        entries.writeTo(writer);
        Layer layer = writer.finish();
        layers.keepIndex(layer.diffId(), layer.index());
        return layer;
    }
}
