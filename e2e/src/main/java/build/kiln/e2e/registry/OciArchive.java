package build.kiln.e2e.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// An image as a tar archive of an OCI layout, as `./kiln images` writes it.
public final class OciArchive {

    private static final ObjectMapper JSON = new ObjectMapper();

    private OciArchive() {}

    /// Sends the archive's one image to a registry.
    ///
    /// @param folder for unpacking; left empty
    /// @return the digest of its manifest
    /// @throws RegistryFailure if the archive is not such a one, or the registry refuses
    public static String push(Path archive, RegistryClient registry, String repository, String tag, Path folder)
            throws InterruptedException {
        Map<String, Path> files = new LinkedHashMap<>();
        try {
            unpack(archive, folder, files);
            JsonNode described = JSON.readTree(Files.readAllBytes(file(files, "index.json")))
                    .path("manifests")
                    .path(0);
            String digest = described.path("digest").asText();
            byte[] manifest = Files.readAllBytes(file(files, blob(digest)));
            JsonNode parsed = JSON.readTree(manifest);
            send(registry, repository, parsed.path("config").path("digest").asText(), files);
            for (JsonNode layer : parsed.path("layers")) {
                send(registry, repository, layer.path("digest").asText(), files);
            }
            registry.pushManifest(repository, tag, described.path("mediaType").asText(), manifest);
            return digest;
        } catch (IOException e) {
            throw new RegistryFailure(
                    "The archive %s cannot be read: %s. Expected is an image as \"./kiln images\" writes it."
                            .formatted(archive, e),
                    e);
        } finally {
            files.values().forEach(file -> file.toFile().delete());
        }
    }

    private static void unpack(Path archive, Path folder, Map<String, Path> files) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    Path file = Files.createTempFile(folder, "blob", "");
                    files.put(entry.getName().replaceFirst("^\\./", ""), file);
                    Files.copy(tar, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void send(RegistryClient registry, String repository, String digest, Map<String, Path> files)
            throws IOException, InterruptedException {
        registry.pushBlob(repository, digest, BodyPublishers.ofFile(file(files, blob(digest))));
    }

    private static String blob(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    private static Path file(Map<String, Path> files, String name) throws IOException {
        Path file = files.get(name);
        if (file == null) {
            throw new FileNotFoundException("there is no " + name + " in it");
        }
        return file;
    }
}
