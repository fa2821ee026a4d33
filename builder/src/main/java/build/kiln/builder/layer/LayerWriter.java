package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// Makes a layer of entries: tar, both digests, compression on all cores and the index, in one pass.
///
/// ```java
/// try (LayerWriter writer = LayerWriter.open(compressor, new Timestamps.ClampedTo(epoch), List.of(file,
/// upload))) {
///     Changeset.of(upper).writeTo(writer);
///     Layer layer = writer.finish();
/// }
/// ```
/// The same entries give the same bytes, whatever the number of threads. The outputs get the blob while it is
/// made, all
/// of them the same bytes; the slowest sets the pace, and the first that fails ends it. They are flushed, not
/// closed.
public final class LayerWriter implements EntrySink, AutoCloseable {

    private static final byte[] NO_LINK = new byte[0];
    private static final Attributes MARKER = new Attributes(0, 0, 0, Instant.EPOCH);

    private final Timestamps timestamps;
    private final BlobPipeline pipeline;
    private final TarEncoder tar;
    private final IndexBuilder index = new IndexBuilder();
    private final MessageDigest contentHash = Sha256.newHash();

    private LayerWriter(Timestamps timestamps, BlobPipeline pipeline) {
        this.timestamps = timestamps;
        this.pipeline = pipeline;
        this.tar = new TarEncoder(pipeline);
    }

    public static LayerWriter open(Compressor compressor, Timestamps timestamps, List<OutputStream> outputs) {
        return open(compressor, timestamps, outputs, Runtime.getRuntime().availableProcessors());
    }

    static LayerWriter open(Compressor compressor, Timestamps timestamps, List<OutputStream> outputs, int threads) {
        return new LayerWriter(timestamps, new BlobPipeline(compressor.codec(), threads, outputs));
    }

    @Override
    public void add(LayerEntry.Plain entry) throws IOException {
        LayerEntry.Plain timed = timestamps.of(entry);
        index.add(timed);
        byte[] name = entry.path().shared();
        switch (timed) {
            case LayerEntry.Directory e ->
                plain(TarType.DIRECTORY, directoryName(e.path()), e.attributes(), NO_LINK, DeviceNumber.NONE);
            case LayerEntry.Symlink e ->
                plain(TarType.SYMLINK, name, e.attributes(), e.target().shared(), DeviceNumber.NONE);
            case LayerEntry.HardLink e ->
                plain(TarType.HARD_LINK, name, e.attributes(), e.target().shared(), DeviceNumber.NONE);
            case LayerEntry.Device e -> plain(type(e.kind()), name, e.attributes(), NO_LINK, e.number());
            case LayerEntry.Fifo e -> plain(TarType.FIFO, name, e.attributes(), NO_LINK, DeviceNumber.NONE);
            case LayerEntry.Whiteout e -> marker(Whiteouts.whiteout(e.path()));
            case LayerEntry.Opaque e -> marker(Whiteouts.opaque(e.path()));
        }
    }

    private void marker(byte[] name) throws IOException {
        plain(TarType.FILE, name, MARKER, NO_LINK, DeviceNumber.NONE);
    }

    @Override
    public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
        Attributes timed = timestamps.of(attributes);
        long size = content.sizeBytes();
        Bytes known = content.sha256();
        tar.header(TarType.FILE, path.shared(), timed, size, NO_LINK, DeviceNumber.NONE);
        try (InputStream in = content.open()) {
            copy(path, in, size, known == null);
        }
        tar.pad(size);
        Bytes sha256 = known == null ? Bytes.owning(contentHash.digest()) : known;
        index.add(new LayerEntry.File(path, timed, size, sha256));
    }

    private void copy(LayerPath path, InputStream in, long size, boolean hash) throws IOException {
        long left = size;
        while (left > 0) {
            int at = pipeline.position();
            int count = in.read(pipeline.buffer(), at, (int) Math.min(left, pipeline.room()));
            if (count <= 0) {
                throw new IOException(
                        "The file " + path + " had " + size + " bytes when it was looked at, and ended after "
                                + (size - left) + " when it was read: something is changing it.");
            }
            if (hash) {
                contentHash.update(pipeline.buffer(), at, count);
            }
            pipeline.advance(count);
            left -= count;
        }
    }

    private void plain(TarType type, byte[] name, Attributes attributes, byte[] link, DeviceNumber device)
            throws IOException {
        tar.header(type, name, attributes, 0, link, device);
    }

    private static TarType type(LayerEntry.DeviceKind kind) {
        return switch (kind) {
            case CHARACTER -> TarType.CHARACTER_DEVICE;
            case BLOCK -> TarType.BLOCK_DEVICE;
        };
    }

    private static byte[] directoryName(LayerPath path) {
        byte[] name = path.isRoot() ? new byte[] {'.'} : path.shared();
        byte[] slashed = Arrays.copyOf(name, name.length + 1);
        slashed[name.length] = '/';
        return slashed;
    }

    /// Ends the tar, and returns when every output has the whole blob.
    public Layer finish() throws IOException {
        tar.endOfArchive();
        BlobPipeline.Written written = pipeline.finish();
        return new Layer(written.blob(), written.diffId(), written.tarBytes(), index.build());
    }

    /// Gives up what is not finished; the outputs then have a part of a blob.
    @Override
    public void close() {
        pipeline.close();
    }
}
