package build.kiln.builder.plan;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.Platform;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// Images out of OCI layouts, folders or archives, under the names that they are given.
final class LayoutImages implements BaseImages {

    /// The small documents of a layout by path: index, manifests, configs.
    private record Layout(Map<String, byte[]> documents) {

        static Layout read(Path path) throws IOException {
            Map<String, byte[]> documents = new HashMap<>();
            if (Files.isDirectory(path)) {
                try (var all = Files.walk(path)) {
                    for (Path file : all.filter(Files::isRegularFile).toList()) {
                        if (Files.size(file) < 100_000) {
                            documents.put(path.relativize(file).toString(), Files.readAllBytes(file));
                        }
                    }
                }
                return new Layout(documents);
            }
            try (InputStream in = Files.newInputStream(path);
                    TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    if (entry.isFile() && entry.getSize() < 100_000) {
                        documents.put(entry.getName().replaceFirst("^\\./", ""), tar.readAllBytes());
                    }
                }
            }
            return new Layout(documents);
        }

        byte[] blob(String digest) {
            byte[] bytes = documents.get("blobs/" + digest.replace(':', '/'));
            if (bytes == null) {
                throw new IllegalArgumentException("the layout has no document " + digest);
            }
            return bytes;
        }

        String firstManifest() {
            byte[] index = documents.get("index.json");
            if (index == null) {
                throw new IllegalArgumentException("the layout has no index.json");
            }
            return Json.parse(index).path("manifests").get(0).path("digest").asText();
        }

        BaseImage image(String name, String manifestDigest) {
            JsonNode manifest = Json.parse(blob(manifestDigest));
            if (manifest.has("manifests")) {
                return image(
                        name, manifest.path("manifests").get(0).path("digest").asText());
            }
            ImageConfig config = ImageConfig.parse(
                    blob(manifest.path("config").path("digest").asText()));
            List<Descriptor> layers = new ArrayList<>();
            for (JsonNode layer : manifest.path("layers")) {
                layers.add(new Descriptor(
                        layer.path("mediaType").asText(),
                        Digest.parse(layer.path("digest").asText()),
                        layer.path("size").asLong()));
            }
            Digest digest = Digest.parse(manifestDigest);
            return new BaseImage(
                    name,
                    new ImageHome.Repository(
                            ImageReference.parse("kiln.test/layout").withDigest(digest)),
                    digest,
                    config,
                    layers);
        }
    }

    private final Map<String, Layout> byName = new HashMap<>();
    final List<String> asked = new ArrayList<>();

    void add(String name, Path layout) {
        try {
            byName.put(ImageReference.parse(name).toString(), Layout.read(layout));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void addStore(String store, Path layout) {
        try {
            byName.put("oci-layout://" + store, Layout.read(layout));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public BaseImage resolve(String name, Platform platform, String place) {
        asked.add(name);
        if (name.startsWith("oci-layout://")) {
            int at = name.indexOf('@');
            Layout layout = byName.get(name.substring(0, at));
            if (layout != null) {
                return layout.image(name, name.substring(at + 1));
            }
        } else {
            ImageReference reference = ImageReference.parse(name);
            Layout layout = byName.get(
                    reference.tag() == null
                            ? reference.withTag("latest").toString()
                            : reference.withTag(reference.tag()).toString());
            if (layout != null) {
                return layout.image(name, layout.firstManifest());
            }
        }
        throw new RegistryFailure(
                Reason.ImageNotFound, place, "The image " + name + " does not exist.", "Correct its name.");
    }
}
