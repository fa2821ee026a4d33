package build.kiln.builder.execute;

import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An image as an OCI layout, in a tar or a folder: the same image gives the same bytes.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md">image-spec 1.1.1, Image
/// Layout</a>
public final class OciArchive {

    private static final Attributes FILE = new Attributes(0644, 0, 0, Instant.EPOCH);
    private static final Attributes FOLDER = new Attributes(0755, 0, 0, Instant.EPOCH);

    private OciArchive() {}

    /// Writes the layout as a tar; the stream is not closed.
    ///
    /// @param names that the image has in the archive; may be empty
    public static void tar(BuiltImages built, List<ImageReference> names, OutputStream out) throws IOException {
        try (LayerWriter tar =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.Exact(), List.of(out))) {
            write(built, names, tar);
            tar.finish();
        }
    }

    /// The same with the list of images that `docker load` reads; for one platform.
    ///
    /// @param names that Docker gives the image; may be empty
    public static void dockerTar(BuiltImages built, List<ImageReference> names, OutputStream out) throws IOException {
        try (LayerWriter tar =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.Exact(), List.of(out))) {
            write(built, names, tar);
            tar.addFile(
                    LayerPath.of("manifest.json"),
                    FILE,
                    FileContent.of(dockerList(built.images().getFirst(), names)));
            tar.finish();
        }
    }

    /// Writes the layout into a folder, which has to be missing or empty.
    ///
    /// @throws build.kiln.builder.failure.RequestFailure `OutputFailed` if there is something in it
    public static void folder(BuiltImages built, List<ImageReference> names, Path folder) throws IOException {
        RootfsExport.checkEmpty(folder);
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            write(built, names, directory);
            directory.finish();
        }
    }

    private static void write(BuiltImages built, List<ImageReference> names, EntrySink sink) throws IOException {
        Descriptor descriptor = built.descriptor();
        SortedMap<Digest, FileContent> blobs = new TreeMap<>();
        blobs.put(descriptor.digest(), FileContent.of(built.json()));
        built.images().forEach(image -> addBlobs(image, blobs));
        sink.add(new LayerEntry.Directory(LayerPath.of("blobs"), FOLDER));
        sink.add(new LayerEntry.Directory(LayerPath.of("blobs/sha256"), FOLDER));
        for (Map.Entry<Digest, FileContent> blob : blobs.entrySet()) {
            sink.addFile(LayerPath.of(path(blob.getKey())), FILE, blob.getValue());
        }
        sink.addFile(LayerPath.of("index.json"), FILE, FileContent.of(index(descriptor, names)));
        sink.addFile(
                LayerPath.of("oci-layout"),
                FILE,
                FileContent.of("{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII)));
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    private static byte[] dockerList(BuiltImage image, List<ImageReference> names) {
        ObjectNode node = Json.object();
        node.put("Config", path(image.manifest().config().digest()));
        ArrayNode tags = node.putArray("RepoTags");
        names.forEach(name ->
                tags.add(name.withTag(name.tagOrLatest()).toString().replaceFirst("^docker\\.io/(library/)?", "")));
        ArrayNode layers = node.putArray("Layers");
        image.manifest().layers().forEach(layer -> layers.add(path(layer.digest())));
        return ("[" + new String(Json.bytes(node), StandardCharsets.UTF_8) + "]").getBytes(StandardCharsets.UTF_8);
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
                : names.stream().map(name -> named(manifest, name)).toList();
        return new ImageIndex(MediaTypes.OCI_INDEX, all, Map.of()).toJson();
    }

    private static Descriptor named(Descriptor manifest, ImageReference name) {
        Map<String, String> annotations = new TreeMap<>(manifest.annotations());
        annotations.put("org.opencontainers.image.ref.name", name.tagOrLatest());
        annotations.put(
                "io.containerd.image.name", name.withTag(name.tagOrLatest()).toString());
        return manifest.withAnnotations(annotations);
    }

    private record Blob(LayerSource source, LayerRef layer, long sizeBytes) implements FileContent {

        @Override
        public InputStream open() {
            return source.open(layer);
        }
    }
}
