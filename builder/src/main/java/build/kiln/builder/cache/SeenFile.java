package build.kiln.builder.cache;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/// What a URL had when it was fetched last.
///
/// @param entityTag by which its server knows the content
/// @param content sha256 of the bytes
public record SeenFile(String entityTag, Digest content) {

    static final int MOST_BYTES = 64 << 10;

    byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("entityTag", entityTag);
        node.put("content", content.toString());
        return Json.bytes(node);
    }

    /// @throws IOException if it is not JSON
    /// @throws IllegalArgumentException if it is of another shape
    static SeenFile parse(byte[] json) throws IOException {
        JsonNode node = Json.parse(json);
        return new SeenFile(
                node.path("entityTag").asText(),
                Digest.parse(node.path("content").asText()));
    }
}
