package build.kiln.builder.cache;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a URL had when it was fetched last.
///
/// @param entityTag by which its server knows the content
/// @param content sha256 of the bytes
/// @param modified when its server says that it was changed; null if it says nothing
public record SeenFile(
        String entityTag, Digest content, @Nullable Instant modified) {

    static final int MOST_BYTES = 64 << 10;

    byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("entityTag", entityTag);
        node.put("content", content.toString());
        node.put("modified", modified == null ? "" : modified.toString());
        return Json.bytes(node);
    }

    /// @throws IOException if it is not JSON
    /// @throws IllegalArgumentException if it is of another shape
    static SeenFile parse(byte[] json) throws IOException {
        JsonNode node = Json.parse(json);
        String modified = node.required("modified").asText();
        try {
            return new SeenFile(
                    node.path("entityTag").asText(),
                    Digest.parse(node.path("content").asText()),
                    modified.isEmpty() ? null : Instant.parse(modified));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("\"" + modified + "\" is no time", e);
        }
    }
}
