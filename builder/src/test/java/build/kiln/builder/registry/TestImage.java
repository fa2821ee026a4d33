package build.kiln.builder.registry;

import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/// A small image with one layer of pseudo-random bytes.
record TestImage(
        byte[] layer, Descriptor layerDescriptor, byte[] config, Descriptor configDescriptor, byte[] manifest) {

    static final Platform PLATFORM = Platform.parse("linux/amd64");

    static TestImage of(long seed, int layerBytes) {
        byte[] content = new byte[layerBytes];
        new Random(seed).nextBytes(content);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        byte[] layer = compressed.toByteArray();
        byte[] config = new ImageConfig(
                        null, null, PLATFORM, ContainerConfig.EMPTY, List.of(new DiffId(Digest.of(content))), List.of())
                .toJson();
        Descriptor layerDescriptor = descriptor(MediaTypes.OCI_LAYER_GZIP, layer);
        Descriptor configDescriptor = descriptor(MediaTypes.OCI_CONFIG, config);
        byte[] manifest = new ImageManifest(
                        MediaTypes.OCI_MANIFEST, configDescriptor, List.of(layerDescriptor), Map.of())
                .toJson();
        return new TestImage(layer, layerDescriptor, config, configDescriptor, manifest);
    }

    static Descriptor descriptor(String mediaType, byte[] bytes) {
        return new Descriptor(mediaType, Digest.of(bytes), bytes.length);
    }

    Descriptor manifestDescriptor() {
        return descriptor(MediaTypes.OCI_MANIFEST, manifest);
    }

    /// Everything that a build does with its result.
    Descriptor push(Registry registry, ImageReference target) {
        registry.checkPush(target);
        registry.push(target, layerDescriptor, List.of(), () -> new ByteArrayInputStream(layer));
        registry.push(target, configDescriptor, config);
        Descriptor stored = registry.pushManifest(target, MediaTypes.OCI_MANIFEST, manifest);
        registry.tag(target, stored, manifest);
        return stored;
    }
}
