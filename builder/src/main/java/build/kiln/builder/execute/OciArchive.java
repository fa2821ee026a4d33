package build.kiln.builder.execute;

import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An image as an OCI layout in a tar: the same image gives the same bytes.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md">image-spec 1.1.1, Image
/// Layout</a>
public final class OciArchive {

    private static final Attributes FILE = new Attributes(0644, 0, 0, Instant.EPOCH);
    private static final Attributes FOLDER = new Attributes(0755, 0, 0, Instant.EPOCH);

    private OciArchive() {}

    /// Writes the archive; the stream is not closed.
    ///
    /// @param names that the image has in the archive; may be empty
    public static void write(BuiltImages built, List<ImageReference> names, OutputStream out) throws IOException {
        Descriptor descriptor = built.descriptor();
        SortedMap<Digest, FileContent> blobs = new TreeMap<>();
        blobs.put(descriptor.digest(), FileContent.of(built.json()));
        built.images().forEach(image -> addBlobs(image, blobs));
        try (LayerWriter tar =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.Exact(), List.of(out))) {
            tar.add(new LayerEntry.Directory(LayerPath.of("blobs"), FOLDER));
            tar.add(new LayerEntry.Directory(LayerPath.of("blobs/sha256"), FOLDER));
            for (Map.Entry<Digest, FileContent> blob : blobs.entrySet()) {
                tar.addFile(LayerPath.of("blobs/sha256/" + blob.getKey().hex()), FILE, blob.getValue());
            }
            tar.addFile(LayerPath.of("index.json"), FILE, FileContent.of(index(descriptor, names)));
            tar.addFile(
                    LayerPath.of("oci-layout"),
                    FILE,
                    FileContent.of("{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII)));
            tar.finish();
        }
    }

    private static void addBlobs(BuiltImage image, SortedMap<Digest, FileContent> blobs) {
        blobs.put(image.descriptor().digest(), FileContent.of(image.manifest().toJson()));
        blobs.put(
                image.manifest().config().digest(),
                FileContent.of(image.config().toJson()));
        for (int i = 0; i < image.layers().size(); i++) {
            Descriptor blob = image.manifest().layers().get(i);
            blobs.put(blob.digest(), new Blob(image.bytes(), image.layers().get(i), blob.sizeBytes()));
        }
    }

    private static byte[] index(Descriptor manifest, List<ImageReference> names) {
        List<Descriptor> all = names.isEmpty()
                ? List.of(manifest)
                : names.stream()
                        .map(name -> manifest.withAnnotations(Map.of(
                                "org.opencontainers.image.ref.name", name.tagOrLatest(),
                                "io.containerd.image.name",
                                        name.withTag(name.tagOrLatest()).toString())))
                        .toList();
        return new ImageIndex(MediaTypes.OCI_INDEX, all, Map.of()).toJson();
    }

    private record Blob(LayerSource source, LayerRef layer, long sizeBytes) implements FileContent {

        @Override
        public InputStream open() {
            return source.open(layer);
        }
    }
}
