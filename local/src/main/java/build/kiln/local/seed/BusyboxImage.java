package build.kiln.local.seed;

import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Bytes;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// An image of one layer: the machine's statically linked busybox under all its names, the users root and nobody, and
/// the usual empty folders. The same busybox gives the same image.
///
/// @param layer the compressed layer
public record BusyboxImage(byte[] layer, Layer description) {

    private static final Attributes FOLDER = new Attributes(0755, 0, 0, Instant.EPOCH);
    private static final Attributes OPEN_FOLDER = new Attributes(01777, 0, 0, Instant.EPOCH);
    private static final Attributes PRIVATE_FOLDER = new Attributes(0700, 0, 0, Instant.EPOCH);
    private static final Attributes PROGRAM = new Attributes(0755, 0, 0, Instant.EPOCH);
    private static final Attributes TEXT = new Attributes(0644, 0, 0, Instant.EPOCH);
    private static final Attributes LINK = new Attributes(0777, 0, 0, Instant.EPOCH);

    private static final List<String> FOLDERS =
            List.of("bin", "dev", "etc", "home", "proc", "sbin", "sys", "usr", "usr/bin", "usr/sbin", "var");

    /// @param applets the places of busybox's names, such as `bin/ls`
    public static BusyboxImage make(Path busybox, List<String> applets) throws IOException {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (LayerWriter writer =
                LayerWriter.open(Compressor.of(Compression.GZIP), new Timestamps.Exact(), List.of(blob))) {
            for (String folder : FOLDERS) {
                writer.add(new LayerEntry.Directory(LayerPath.of(folder), FOLDER));
            }
            writer.add(new LayerEntry.Directory(LayerPath.of("root"), PRIVATE_FOLDER));
            writer.add(new LayerEntry.Directory(LayerPath.of("tmp"), OPEN_FOLDER));
            writer.addFile(
                    LayerPath.of("bin/busybox"),
                    PROGRAM,
                    FileContent.of(busybox, busybox.toFile().length()));
            for (String applet : applets.stream().sorted().distinct().toList()) {
                if (FOLDERS.contains(folderOf(applet)) && !applet.equals("bin/busybox")) {
                    writer.add(new LayerEntry.Symlink(LayerPath.of(applet), LINK, Bytes.of("/bin/busybox")));
                }
            }
            text(writer, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
            text(writer, "etc/group", "root:x:0:\nnobody:x:65534:\n");
            Layer finished = writer.finish();
            return new BusyboxImage(blob.toByteArray(), finished);
        }
    }

    private static String folderOf(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static void text(LayerWriter writer, String path, String text) throws IOException {
        writer.addFile(LayerPath.of(path), TEXT, FileContent.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Stores the image in a registry, and lets the reference's tag lead to it.
    public void push(Registry registry, ImageReference target) {
        byte[] config = config().toJson();
        Descriptor configBlob = new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length);
        byte[] manifest =
                new ImageManifest(MediaTypes.OCI_MANIFEST, configBlob, List.of(description.blob()), Map.of()).toJson();
        registry.push(target, description.blob(), layer);
        registry.push(target, configBlob, config);
        Descriptor stored = registry.pushManifest(target, MediaTypes.OCI_MANIFEST, manifest);
        registry.tag(target, stored, manifest);
    }

    private ImageConfig config() {
        ContainerConfig container = new ContainerConfig(
                "",
                Collections.emptySortedSet(),
                List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                null,
                List.of("sh"),
                Collections.emptySortedSet(),
                "",
                Map.of(),
                null,
                null,
                false,
                List.of(),
                null);
        return new ImageConfig(
                Instant.EPOCH,
                null,
                Platform.ofThisMachine(),
                container,
                List.of(description.diffId()),
                List.of(new History(Instant.EPOCH, "busybox of this machine", null, null, false)));
    }
}
