package build.kiln.e2e.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// An image as the registry gives it, by its digest. The digests of manifest, configuration, layers and of what is in
/// the
/// layers are computed again; files are those that a container would see.
///
/// @param config the configuration document
/// @param files by absolute path, in order
public record PulledImage(String digest, JsonNode config, SortedMap<String, ImageFile> files) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    /// Longer files are only read for their digest.
    private static final int MAX_TEXT_BYTES = 1 << 16;

    /// A file, folder or link of an image.
    ///
    /// @param mode the permission bits with setuid, setgid and sticky
    /// @param text the content of a file of at most 64 KiB, the target of a link, or nothing
    public record ImageFile(int mode, long uid, long gid, String text) {}

    /// @throws RegistryFailure if the image is not there or a digest is not what it has to be
    public static PulledImage pull(RegistryClient registry, String repository, String digest)
            throws InterruptedException {
        byte[] bytes = registry.manifest(repository, digest);
        Digests.check("the manifest of " + repository, Digests.of(bytes), digest);
        try {
            JsonNode manifest = JSON.readTree(bytes);
            String configDigest = manifest.path("config").path("digest").asText();
            byte[] config;
            try (InputStream in = registry.blob(repository, configDigest)) {
                config = in.readAllBytes();
            }
            Digests.check("the configuration of " + repository, Digests.of(config), configDigest);
            JsonNode configuration = JSON.readTree(config);
            JsonNode diffIds = configuration.path("rootfs").path("diff_ids");
            JsonNode layers = manifest.path("layers");
            if (diffIds.size() != layers.size()) {
                throw new RegistryFailure("The configuration of %s has %d diffIDs for %d layers."
                        .formatted(repository, diffIds.size(), layers.size()));
            }
            SortedMap<String, ImageFile> files = new TreeMap<>();
            for (int i = 0; i < layers.size(); i++) {
                unpack(
                        registry,
                        repository,
                        layers.get(i).path("digest").asText(),
                        diffIds.get(i).asText(),
                        files);
            }
            return new PulledImage(digest, configuration, files);
        } catch (IOException e) {
            throw new RegistryFailure("The image %s@%s cannot be read: %s.".formatted(repository, digest, e), e);
        }
    }

    private static void unpack(
            RegistryClient registry,
            String repository,
            String digest,
            String diffId,
            SortedMap<String, ImageFile> files)
            throws IOException, InterruptedException {
        MessageDigest compressed = Digests.sha256();
        MessageDigest plain = Digests.sha256();
        try (DigestInputStream blob = new DigestInputStream(registry.blob(repository, digest), compressed);
                DigestInputStream tar = new DigestInputStream(new GZIPInputStream(blob, 1 << 16), plain)) {
            apply(tar, files);
            tar.transferTo(OutputStream.nullOutputStream());
            blob.transferTo(OutputStream.nullOutputStream());
        }
        Digests.check("a layer of " + repository, Digests.name(compressed.digest()), digest);
        Digests.check("the content of layer " + digest, Digests.name(plain.digest()), diffId);
    }

    private static void apply(InputStream layer, SortedMap<String, ImageFile> files) throws IOException {
        // Not closed: that would close the layer, whose rest has yet to be read.
        TarArchiveInputStream tar = new TarArchiveInputStream(layer, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            String path = "/" + entry.getName().replaceFirst("^\\./", "").replaceFirst("/$", "");
            String name = path.substring(path.lastIndexOf('/') + 1);
            String folder = path.substring(0, path.length() - name.length());
            if (name.equals(OPAQUE)) {
                files.subMap(folder, folder + Character.MAX_VALUE).clear();
            } else if (name.startsWith(WHITEOUT)) {
                String gone = folder + name.substring(WHITEOUT.length());
                files.remove(gone);
                files.subMap(gone + "/", gone + "/" + Character.MAX_VALUE).clear();
            } else {
                files.put(path, file(entry, tar));
            }
        }
    }

    private static ImageFile file(TarArchiveEntry entry, TarArchiveInputStream tar) {
        try {
            String text = entry.isSymbolicLink() || entry.isLink()
                    ? entry.getLinkName()
                    : entry.getSize() <= MAX_TEXT_BYTES ? new String(tar.readAllBytes(), StandardCharsets.UTF_8) : "";
            return new ImageFile(entry.getMode() & 07777, entry.getLongUserId(), entry.getLongGroupId(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
