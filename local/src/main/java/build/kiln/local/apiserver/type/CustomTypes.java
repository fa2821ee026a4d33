package build.kiln.local.apiserver.type;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.StructuralSchema;
import build.kiln.local.apiserver.type.ResourceType.Scope;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the kinds out of a CustomResourceDefinition.
final class CustomTypes {

    private CustomTypes() {}

    /// One type for each served version.
    ///
    /// @throws IllegalArgumentException if a column's path is not understood
    static List<ResourceType> of(JsonNode definition) {
        JsonNode spec = definition.path("spec");
        List<ResourceType> types = new ArrayList<>();
        for (JsonNode version : spec.path("versions")) {
            if (version.path("served").asBoolean(false)) {
                types.add(type(spec, version));
            }
        }
        return types;
    }

    private static ResourceType type(JsonNode spec, JsonNode version) {
        JsonNode names = spec.path("names");
        String kind = names.path("kind").asText();
        GroupResource resource = new GroupResource(
                spec.path("group").asText(), names.path("plural").asText());
        Map<String, JsonPath> selectable = new HashMap<>();
        for (JsonNode field : version.path("selectableFields")) {
            String path = field.path("jsonPath").asText();
            selectable.put(path.substring(1), JsonPath.parse(path));
        }
        return new ResourceType(
                resource,
                version.path("name").asText(),
                kind,
                names.path("singular").asText(kind.toLowerCase(Locale.ROOT)),
                Json.strings(names.path("shortNames")),
                Json.strings(names.path("categories")),
                spec.path("scope").asText().equals("Namespaced") ? Scope.NAMESPACED : Scope.CLUSTER,
                BuiltinTypes.ALL_VERBS,
                version.path("subresources").has("status") ? Set.of("status") : Set.of(),
                resource,
                columns(version),
                selectable,
                schema(version));
    }

    private static @Nullable StructuralSchema schema(JsonNode version) {
        return version.path("schema").get("openAPIV3Schema") instanceof ObjectNode schema
                ? new StructuralSchema(schema)
                : null;
    }

    private static List<PrinterColumn> columns(JsonNode version) {
        List<PrinterColumn> columns = new ArrayList<>();
        for (JsonNode column : version.path("additionalPrinterColumns")) {
            columns.add(new PrinterColumn(
                    column.path("name").asText(),
                    column.path("type").asText(),
                    column.path("format").asText(""),
                    column.path("description").asText(""),
                    column.path("priority").asInt(0),
                    JsonPath.parse(column.path("jsonPath").asText())));
        }
        return columns;
    }
}
