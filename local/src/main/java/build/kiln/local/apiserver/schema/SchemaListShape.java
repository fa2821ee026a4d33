package build.kiln.local.apiserver.schema;

import build.kiln.local.apiserver.object.Json;
import com.fasterxml.jackson.databind.JsonNode;

/// The list types that a schema declares; metadata is as it is for every kind.
record SchemaListShape(JsonNode schema) implements ListShape {

    @Override
    public ListShape field(String name) {
        if (name.equals("metadata") && !schema.path("properties").path(name).has("properties")) {
            return WellKnownListShape.ROOT.field(name);
        }
        JsonNode property = schema.path("properties").path(name);
        return new SchemaListShape(property.isMissingNode() ? schema.path("additionalProperties") : property);
    }

    @Override
    public ListShape item() {
        return new SchemaListShape(schema.path("items"));
    }

    @Override
    public Merge merge() {
        return switch (schema.path("x-kubernetes-list-type").asText("atomic")) {
            case "set" -> new Merge.AsSet();
            case "map" -> new Merge.ByKeys(Json.strings(schema.path("x-kubernetes-list-map-keys")));
            default -> new Merge.Atomic();
        };
    }
}
