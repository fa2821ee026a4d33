package build.kiln.local.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/// What a running cluster tells of itself, in a file of its folder.
///
/// @param processId of the process that it is
/// @param api where the API server is
/// @param registry host and port of the registry
public record ClusterDescription(long processId, Instant startedAt, URI api, String registry) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Empty if no cluster works in this folder.
    static Optional<ClusterDescription> read(ClusterFolder folder) {
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(folder.description()));
            return Optional.of(new ClusterDescription(
                    json.path("processId").asLong(),
                    Instant.parse(json.path("startedAt").asText()),
                    URI.create(json.path("api").asText()),
                    json.path("registry").asText()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new ClusterFailure(folder.description() + " cannot be read: " + e, e);
        }
    }

    /// Whoever reads the file sees all of it or nothing.
    void write(ClusterFolder folder) throws IOException {
        Path aside = folder.root().resolve("cluster.json.new");
        Files.write(
                aside,
                JSON.writeValueAsBytes(JSON.createObjectNode()
                        .put("processId", processId)
                        .put("startedAt", startedAt.toString())
                        .put("api", api.toString())
                        .put("registry", registry)));
        Files.move(aside, folder.description(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
