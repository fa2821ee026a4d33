package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.status.Cause;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Claims are bound at once: the node gives each a folder of its own.
final class ClaimRules implements KindRules {

    @Override
    public void onCreate(ObjectNode claim, Instant now) {
        ObjectNode spec = Json.child(claim, "spec");
        Json.putIfMissing(spec, "storageClassName", "local");
        Json.putIfMissing(spec, "volumeMode", "Filesystem");
        spec.put("volumeName", "pvc-" + Metadata.uid(claim));
        ObjectNode status = claim.putObject("status").put("phase", "Bound");
        status.set("accessModes", spec.path("accessModes").deepCopy());
        JsonNode storage = spec.path("resources").path("requests").path("storage");
        status.putObject("capacity").set("storage", storage.deepCopy());
    }

    @Override
    public List<Cause> check(ObjectNode claim) {
        List<Cause> causes = new ArrayList<>();
        JsonNode spec = claim.path("spec");
        if (spec.path("accessModes").isEmpty()) {
            causes.add(Cause.required("spec.accessModes", "at least 1 access mode is required"));
        }
        if (!spec.path("resources").path("requests").hasNonNull("storage")) {
            causes.add(Cause.required("spec.resources[storage]", ""));
        }
        return causes;
    }
}
