package build.kiln.builder.provenance;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Who ran a build, and when: all of a provenance that is another one the next time.
///
/// @param builderId a URI: whoever trusts it trusts all builders that say so
/// @param id of this run; empty if it has none
public record Invocation(String builderId, String id, Instant started, Instant finished) {

    /// `runDetails`.
    ObjectNode write() {
        ObjectNode node = Json.object();
        node.putObject("builder").put("id", builderId);
        ObjectNode metadata = node.putObject("metadata");
        if (!id.isEmpty()) {
            metadata.put("invocationId", id);
        }
        metadata.put("startedOn", started.truncatedTo(ChronoUnit.SECONDS).toString());
        metadata.put("finishedOn", finished.truncatedTo(ChronoUnit.SECONDS).toString());
        return node;
    }
}
