package build.kiln.bench.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/// An image as the registry gives it, read by none of the builders' code: every digest, size and diffID is computed
/// again.
///
/// @param digest of the manifest
public record StoredImage(String digest, Tree tree) {

    private static final String ACCEPT =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json,"
                    + " application/vnd.oci.image.index.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Pulls all of an image.
    ///
    /// @param address host and port of the registry
    /// @throws IOException if it is not there, or a digest is not what it has to be
    public static StoredImage pull(HttpClient http, String address, String repository, String tag)
            throws IOException, InterruptedException {
        String base = "http://" + address + "/v2/" + repository;
        byte[] bytes = bytes(http, base + "/manifests/" + tag);
        JsonNode manifest = JSON.readTree(bytes);
        if (manifest.has("manifests")) {
            String first = manifest.get("manifests").get(0).get("digest").textValue();
            bytes = bytes(http, base + "/manifests/" + first);
            check(first, digest(bytes), "the manifest");
            manifest = JSON.readTree(bytes);
        }
        JsonNode described = manifest.get("config");
        byte[] config = bytes(http, base + "/blobs/" + described.get("digest").textValue());
        check(described.get("digest").textValue(), digest(config), "the config");
        JsonNode diffIds = JSON.readTree(config).get("rootfs").get("diff_ids");
        JsonNode layers = manifest.get("layers");
        if (diffIds.size() != layers.size()) {
            throw new IOException("the config has " + diffIds.size() + " diffIDs for " + layers.size() + " layers");
        }
        LayeredFiles files = new LayeredFiles();
        for (int i = 0; i < layers.size(); i++) {
            layer(http, base, layers.get(i), diffIds.get(i).textValue(), files);
        }
        return new StoredImage(digest(bytes), new Tree(new TreeMap<>(files.entries())));
    }

    private static void layer(HttpClient http, String base, JsonNode layer, String diffId, LayeredFiles files)
            throws IOException, InterruptedException {
        String name = layer.get("digest").textValue();
        HttpResponse<InputStream> answer = answer(http, base + "/blobs/" + name);
        try (DigestInputStream blob = new DigestInputStream(answer.body(), sha256());
                DigestInputStream tar = new DigestInputStream(new GZIPInputStream(blob, 1 << 16), sha256())) {
            files.apply(tar);
            tar.transferTo(java.io.OutputStream.nullOutputStream());
            blob.transferTo(java.io.OutputStream.nullOutputStream());
            check(diffId, hex(tar.getMessageDigest()), "the content of layer " + name);
            check(name, hex(blob.getMessageDigest()), "a layer");
        }
    }

    private static void check(String expected, String seen, String what) throws IOException {
        if (!expected.equals(seen)) {
            throw new IOException(what + " has the digest " + seen + " and should have " + expected);
        }
    }

    private static byte[] bytes(HttpClient http, String uri) throws IOException, InterruptedException {
        try (InputStream body = answer(http, uri).body()) {
            return body.readAllBytes();
        }
    }

    private static HttpResponse<InputStream> answer(HttpClient http, String uri)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(uri)).header("Accept", ACCEPT).build();
        HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException(uri + " answers " + answer.statusCode());
        }
        return answer;
    }

    private static String digest(byte[] bytes) {
        MessageDigest hash = sha256();
        hash.update(bytes);
        return hex(hash);
    }

    private static String hex(MessageDigest hash) {
        return "sha256:" + HexFormat.of().formatHex(hash.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
