package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.schema.ListShape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The entries of `metadata.managedFields`: kept for who applies, and for nobody else.
///
/// So a manager can take back what it applied; that two managers disagree is not noticed.
public final class ManagedFields {

    private static final Set<String> IDENTITY =
            Set.of("name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp");

    private ManagedFields() {}

    /// Removes from `merged` what the manager applied before and no longer does, and notes what it applies now.
    ///
    /// @param applied what the manager sent
    /// @param subresource empty for the object itself
    /// @param time as it is written into the entry
    public static void settle(
            ObjectNode merged, ObjectNode applied, ListShape shape, String manager, String subresource, String time) {
        FieldSet now = FieldSet.of(withoutIdentity(applied), shape);
        ArrayNode entries = Json.object().arrayNode();
        List<FieldSet> others = new ArrayList<>();
        FieldSet before = new FieldSet(Json.object());
        for (JsonNode entry : merged.path("metadata").path("managedFields")) {
            FieldSet theirs = new FieldSet(entry.get("fieldsV1") instanceof ObjectNode set ? set : Json.object());
            if (entry.path("manager").asText().equals(manager)
                    && entry.path("subresource").asText("").equals(subresource)) {
                before = theirs;
            } else {
                others.add(theirs);
                entries.add(entry.deepCopy());
            }
        }
        before.removeFrom(merged, now, others);
        ObjectNode entry = entries.addObject()
                .put("manager", manager)
                .put("operation", "Apply")
                .put("apiVersion", merged.path("apiVersion").asText())
                .put("time", time)
                .put("fieldsType", "FieldsV1");
        entry.set("fieldsV1", now.json());
        if (!subresource.isEmpty()) {
            entry.put("subresource", subresource);
        }
        Metadata.of(merged).set("managedFields", entries);
    }

    private static ObjectNode withoutIdentity(ObjectNode applied) {
        ObjectNode rest = applied.deepCopy();
        rest.remove(List.of("apiVersion", "kind"));
        if (rest.get("metadata") instanceof ObjectNode metadata) {
            metadata.remove(IDENTITY);
            metadata.remove("managedFields");
            if (metadata.isEmpty()) {
                rest.remove("metadata");
            }
        }
        return rest;
    }
}
