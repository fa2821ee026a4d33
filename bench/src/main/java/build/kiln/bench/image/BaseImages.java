package build.kiln.bench.image;

import build.kiln.bench.workload.Base;
import build.kiln.bench.workload.BaseFiles;
import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.local.cluster.Busybox;
import build.kiln.local.seed.BusyboxImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Makes the base images and stores them in the bench's registry.
public final class BaseImages {

    private final Path folder;
    private final Registry registry;
    private final String address;

    /// @param folder keeps layers from one run of the bench to the next
    /// @param address host and port of the registry
    public BaseImages(Path folder, Registry registry, String address) {
        this.folder = folder;
        this.registry = registry;
        this.address = address;
    }

    public void push(Base base) throws IOException, InterruptedException {
        ImageReference target = ImageReference.parse(address + "/" + base.repository() + ":1");
        Path program = Busybox.find();
        BusyboxImage busybox = BusyboxImage.make(program, Busybox.applets(program));
        registry.push(target, busybox.description().blob(), busybox.layer());
        List<Layer> layers = new ArrayList<>(List.of(busybox.description()));
        List<Path> trees = BaseFiles.write(base, folder.resolve(base.repository()));
        for (Path tree : trees) {
            Path blob = tree.resolveSibling(tree.getFileName() + ".tar.gz");
            Layer layer = compress(tree, blob);
            registry.push(
                    target,
                    layer.blob(),
                    List.of(),
                    () -> FileContent.of(blob, layer.blob().sizeBytes()).open());
            Files.delete(blob);
            layers.add(layer);
        }
        pushManifest(target, layers);
    }

    private static Layer compress(Path tree, Path blob) throws IOException {
        try (OutputStream out = Files.newOutputStream(blob);
                LayerWriter writer =
                        LayerWriter.open(Compressor.of(Compression.GZIP), new Timestamps.Exact(), List.of(out))) {
            Changeset.of(tree, OverlayXattrs.USER).writeTo(writer);
            return writer.finish();
        }
    }

    private void pushManifest(ImageReference target, List<Layer> layers) {
        List<DiffId> diffIds = layers.stream().map(Layer::diffId).toList();
        List<History> history = diffIds.stream()
                .map(id -> new History(Instant.EPOCH, "bench base", null, null, false))
                .toList();
        byte[] config =
                new ImageConfig(Instant.EPOCH, null, Platform.ofThisMachine(), container(), diffIds, history).toJson();
        Descriptor configBlob = new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length);
        byte[] manifest = new ImageManifest(
                        MediaTypes.OCI_MANIFEST,
                        configBlob,
                        layers.stream().map(Layer::blob).toList(),
                        Map.of())
                .toJson();
        registry.push(target, configBlob, config);
        registry.tag(target, registry.pushManifest(target, MediaTypes.OCI_MANIFEST, manifest), manifest);
    }

    private static ContainerConfig container() {
        return new ContainerConfig(
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
    }
}
