package build.kiln.builder.testing;

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
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;

/// A base image with a shell, made of Debian's static busybox.
public final class BusyboxImage {

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final Instant TIME = Instant.parse("2020-02-02T02:02:02Z");

    private BusyboxImage() {}

    /// Pushes the image. Skips the test where busybox is not installed.
    public static void push(Registry registry, ImageReference target) throws IOException {
        Assumptions.assumeTrue(
                Files.isExecutable(BUSYBOX), "needs /bin/busybox (Debian package busybox-static) as a base image");
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        Layer layer;
        try (LayerWriter writer =
                LayerWriter.open(Compressor.of(Compression.GZIP), new Timestamps.ClampedTo(TIME), List.of(blob))) {
            write(writer);
            layer = writer.finish();
        }
        ContainerConfig config = new ContainerConfig(
                "",
                new TreeSet<>(),
                List.of("PATH=/bin:/usr/bin"),
                null,
                List.of("/bin/sh"),
                new TreeSet<>(),
                "",
                Map.of(),
                null,
                null,
                false,
                List.of(),
                null);
        byte[] image = new ImageConfig(TIME, null, Platform.ofThisMachine(), config, List.of(layer.diffId()), List.of())
                .toJson();
        Descriptor descriptor = new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(image), image.length);
        byte[] manifest =
                new ImageManifest(MediaTypes.OCI_MANIFEST, descriptor, List.of(layer.blob()), Map.of()).toJson();
        registry.push(target, layer.blob(), blob.toByteArray());
        registry.push(target, descriptor, image);
        registry.tag(target, registry.pushManifest(target, MediaTypes.OCI_MANIFEST, manifest), manifest);
    }

    private static void write(LayerWriter writer) throws IOException {
        Attributes folder = new Attributes(0755, 0, 0, TIME);
        writer.add(new LayerEntry.Directory(LayerPath.of("bin"), folder));
        writer.addFile(
                LayerPath.of("bin/busybox"),
                new Attributes(0755, 0, 0, TIME),
                FileContent.of(Files.readAllBytes(BUSYBOX)));
        for (String applet : List.of(
                "cat", "chmod", "chown", "id", "ln", "ls", "mkdir", "mv", "rm", "rmdir", "sh", "sleep", "stat", "touch",
                "true", "wc")) {
            writer.add(new LayerEntry.Symlink(LayerPath.of("bin/" + applet), folder, Bytes.of("busybox")));
        }
        writer.add(new LayerEntry.Directory(LayerPath.of("etc"), folder));
        writer.addFile(
                LayerPath.of("etc/group"),
                new Attributes(0644, 0, 0, TIME),
                FileContent.of("root:x:0:\nstaff:x:50:\n".getBytes(StandardCharsets.UTF_8)));
        writer.addFile(
                LayerPath.of("etc/passwd"),
                new Attributes(0644, 0, 0, TIME),
                FileContent.of("root:x:0:0::/root:/bin/sh\nann:x:1000:50::/home/ann:/bin/sh\n"
                        .getBytes(StandardCharsets.UTF_8)));
        writer.add(new LayerEntry.Directory(LayerPath.of("old"), folder));
        writer.addFile(
                LayerPath.of("old/file"),
                new Attributes(0644, 0, 0, TIME),
                FileContent.of("old\n".getBytes(StandardCharsets.UTF_8)));
        writer.add(new LayerEntry.Directory(LayerPath.of("tmp"), new Attributes(01777, 0, 0, TIME)));
    }
}
