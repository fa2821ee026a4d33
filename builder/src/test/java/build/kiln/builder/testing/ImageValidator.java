package build.kiln.builder.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// The oracle for pushed images: fetches an image again by its digest, with none of Kiln's own code, and recomputes
/// every digest, size and DiffID in it.
public final class ImageValidator {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private final URI registry;
    private final HttpClient client;
    private final @Nullable String authorization;

    public ImageValidator(URI registry) {
        this(registry, HttpClient.newHttpClient(), null);
    }

    /// @param authorization the whole value of the header; null for none
    public ImageValidator(URI registry, HttpClient client, @Nullable String authorization) {
        this.registry = registry;
        this.client = client;
        this.authorization = authorization;
    }

    /// @param reference digest or tag
    /// @return the DiffIDs of all layers, in order, over all images of an index
    public List<String> validate(String repository, String reference) throws IOException, InterruptedException {
        byte[] json = get(repository, "manifests/" + reference).readAllBytes();
        if (reference.startsWith("sha256:")) {
            assertThat(digest(json)).as("digest of the manifest").isEqualTo(reference);
        }
        JsonNode document = JSON.readTree(json);
        assertThat(document.path("schemaVersion").asInt()).as("schemaVersion").isEqualTo(2);
        List<String> diffIds = new ArrayList<>();
        if (document.has("manifests")) {
            for (JsonNode manifest : document.path("manifests")) {
                diffIds.addAll(validate(repository, manifest.path("digest").asText()));
            }
            return diffIds;
        }
        byte[] configJson = get(
                        repository,
                        "blobs/" + document.path("config").path("digest").asText())
                .readAllBytes();
        assertThat(digest(configJson))
                .isEqualTo(document.path("config").path("digest").asText());
        assertThat((long) configJson.length)
                .isEqualTo(document.path("config").path("size").asLong());
        JsonNode config = JSON.readTree(configJson);
        assertThat(config.path("os").asText()).as("os in the config").isNotEmpty();
        assertThat(config.path("architecture").asText())
                .as("architecture in the config")
                .isNotEmpty();
        for (JsonNode layer : document.path("layers")) {
            diffIds.add(layer(repository, layer));
        }
        List<String> listed = new ArrayList<>();
        config.path("rootfs").path("diff_ids").forEach(id -> listed.add(id.asText()));
        assertThat(diffIds).as("DiffIDs of the layers, in order").isEqualTo(listed);
        if (config.has("history")) {
            int withLayer = 0;
            for (JsonNode entry : config.path("history")) {
                withLayer += entry.path("empty_layer").asBoolean(false) ? 0 : 1;
            }
            assertThat(withLayer).as("history entries with a layer").isEqualTo(diffIds.size());
        }
        return diffIds;
    }

    private String layer(String repository, JsonNode layer) throws IOException, InterruptedException {
        String expected = layer.path("digest").asText();
        MessageDigest compressed = sha256();
        MessageDigest tar = sha256();
        long[] size = new long[1];
        try (InputStream raw = counting(get(repository, "blobs/" + expected), size);
                DigestInputStream hashed = new DigestInputStream(raw, compressed);
                InputStream plain = decompressed(layer.path("mediaType").asText(), hashed);
                DigestInputStream tarHashed = new DigestInputStream(plain, tar)) {
            tarHashed.transferTo(OutputStream.nullOutputStream());
            hashed.transferTo(OutputStream.nullOutputStream());
        }
        assertThat("sha256:" + HexFormat.of().formatHex(compressed.digest()))
                .as("digest of a layer")
                .isEqualTo(expected);
        assertThat(size[0])
                .as("size of layer " + expected)
                .isEqualTo(layer.path("size").asLong());
        return "sha256:" + HexFormat.of().formatHex(tar.digest());
    }

    private static InputStream decompressed(String mediaType, InputStream in) throws IOException {
        if (mediaType.endsWith("gzip")) {
            return new GZIPInputStream(in);
        }
        return mediaType.endsWith("zstd") ? new ZstdInputStream(in).setContinuous(false) : in;
    }

    private static InputStream counting(InputStream in, long[] count) {
        return new java.io.FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int read = super.read(into, offset, length);
                count[0] += Math.max(read, 0);
                return read;
            }
        };
    }

    private InputStream get(String repository, String rest) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(registry.resolve("/v2/" + repository + "/" + rest))
                .header("Accept", ACCEPT);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new AssertionError("GET " + rest + " of " + repository + " answered " + response.statusCode());
        }
        return rest.startsWith("blobs/")
                ? response.body()
                : new ByteArrayInputStream(response.body().readAllBytes());
    }

    private static String digest(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
