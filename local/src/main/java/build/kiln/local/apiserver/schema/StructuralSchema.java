package build.kiln.local.apiserver.schema;

import build.kiln.local.apiserver.status.Cause;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The `openAPIV3Schema` of one version of a custom resource.
///
/// CEL rules (`x-kubernetes-validations`) are not evaluated.
public final class StructuralSchema {

    private static final Set<String> OF_EVERY_OBJECT = Set.of("apiVersion", "kind", "metadata");

    private final ObjectNode schema;

    public StructuralSchema(ObjectNode schema) {
        this.schema = schema.deepCopy();
    }

    /// The schema's text, for OpenAPI.
    public ObjectNode json() {
        return schema.deepCopy();
    }

    /// How the lists of the object at this schema's root are merged.
    public ListShape listShape() {
        return new SchemaListShape(schema);
    }

    /// Puts the schema's defaults where the object has nothing.
    public void applyDefaults(ObjectNode object) {
        defaults(schema, object);
    }

    /// Drops the fields that the schema does not know, and says which.
    public List<String> prune(ObjectNode object) {
        List<String> dropped = new ArrayList<>();
        if (isTrue(schema, "x-kubernetes-preserve-unknown-fields")) {
            return dropped;
        }
        JsonNode properties = schema.path("properties");
        for (String field : List.copyOf(names(object))) {
            if (OF_EVERY_OBJECT.contains(field)) {
                continue;
            }
            if (properties.has(field)) {
                prune(properties.get(field), object.get(field), field, dropped);
            } else {
                object.remove(field);
                dropped.add(field);
            }
        }
        return dropped;
    }

    /// What is wrong with the object; nothing if it is well formed.
    public List<Cause> validate(ObjectNode object) {
        List<Cause> causes = new ArrayList<>();
        JsonNode properties = schema.path("properties");
        for (JsonNode required : schema.path("required")) {
            if (!object.has(required.asText())) {
                causes.add(Cause.required(required.asText(), ""));
            }
        }
        object.properties().forEach(field -> {
            if (!OF_EVERY_OBJECT.contains(field.getKey()) && properties.has(field.getKey())) {
                new SchemaCheck(causes).check(properties.get(field.getKey()), field.getValue(), field.getKey());
            }
        });
        return causes;
    }

    private static void defaults(JsonNode schema, JsonNode value) {
        switch (value) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> property :
                        schema.path("properties").properties()) {
                    String name = property.getKey();
                    JsonNode child = property.getValue();
                    boolean absent = !object.has(name)
                            || (object.get(name).isNull() && !isTrue(child, "nullable") && child.has("default"));
                    if (absent && child.has("default")) {
                        object.set(name, child.get("default").deepCopy());
                    }
                    if (object.has(name)) {
                        defaults(child, object.get(name));
                    }
                }
                if (schema.path("additionalProperties").isObject()) {
                    object.forEach(each -> defaults(schema.get("additionalProperties"), each));
                }
            }
            case com.fasterxml.jackson.databind.node.ArrayNode array ->
                array.forEach(each -> defaults(schema.path("items"), each));
            default -> {}
        }
    }

    private static void prune(JsonNode schema, JsonNode value, String path, List<String> dropped) {
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                prune(schema.path("items"), value.get(i), path + "[" + i + "]", dropped);
            }
            return;
        }
        if (!(value instanceof ObjectNode object)) {
            return;
        }
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        boolean keepsOthers = isTrue(schema, "x-kubernetes-preserve-unknown-fields")
                || others.isObject()
                || others.asBoolean(false)
                || isTrue(schema, "x-kubernetes-embedded-resource");
        for (String field : List.copyOf(names(object))) {
            if (properties.has(field)) {
                prune(properties.get(field), object.get(field), path + "." + field, dropped);
            } else if (others.isObject()) {
                prune(others, object.get(field), path + "." + field, dropped);
            } else if (!keepsOthers) {
                object.remove(field);
                dropped.add(path + "." + field);
            }
        }
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    static boolean isTrue(JsonNode schema, String field) {
        return schema.path(field).asBoolean(false);
    }
}
