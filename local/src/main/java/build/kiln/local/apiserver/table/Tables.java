package build.kiln.local.apiserver.table;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.type.PrinterColumn;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The Table form of lists, which carries what `kubectl get` prints.
///
/// @param type whose columns these are
/// @param objects what each row carries along
public record Tables(ResourceType type, RowObject objects) {

    /// How much of the object a row carries.
    public enum RowObject {
        NONE,
        METADATA,
        WHOLE
    }

    /// @param objects as they are stored
    public ObjectNode table(List<ObjectNode> objects, String resourceVersion, Instant now) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata").put("resourceVersion", resourceVersion);
        List<Column> columns = columns();
        ArrayNode definitions = table.putArray("columnDefinitions");
        columns.forEach(column -> definitions
                .addObject()
                .put("name", column.name())
                .put("type", column.type())
                .put("format", column.format())
                .put("description", column.description())
                .put("priority", column.priority()));
        ArrayNode rows = table.putArray("rows");
        objects.forEach(object -> rows.add(row(columns, object, now)));
        return table;
    }

    private ObjectNode row(List<Column> columns, ObjectNode object, Instant now) {
        ObjectNode row = Json.object();
        ArrayNode cells = row.putArray("cells");
        columns.forEach(column -> cells.addPOJO(column.cell().value(object, now)));
        switch (objects) {
            case NONE -> {}
            case METADATA -> row.set("object", metadataOnly(object));
            case WHOLE -> row.set("object", object);
        }
        return row;
    }

    /// The object without spec and status, in the form of a PartialObjectMetadata.
    public static ObjectNode metadataOnly(ObjectNode object) {
        ObjectNode partial = Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    private List<Column> columns() {
        if (type.schema() == null && type.columns().isEmpty()) {
            return BuiltinColumns.of(type.stored());
        }
        List<Column> columns = new ArrayList<>();
        columns.add(BuiltinColumns.name());
        type.columns().forEach(column -> columns.add(custom(column)));
        if (type.columns().isEmpty()) {
            columns.add(BuiltinColumns.age());
        }
        return columns;
    }

    private static Column custom(PrinterColumn column) {
        Cell cell = (object, now) -> {
            JsonNode value = column.path().of(object);
            return switch (column.type()) {
                case "date" -> value.isTextual() ? Age.since(value.asText(), now) : JsonNodeFactory.instance.nullNode();
                case "integer", "number", "boolean" -> value.isMissingNode() ? nothing() : value;
                default -> text(value);
            };
        };
        return new Column(column.name(), column.type(), column.format(), column.description(), column.priority(), cell);
    }

    private static Object text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return nothing();
        }
        return value.isTextual() ? value.textValue() : value.toString();
    }

    private static JsonNode nothing() {
        return JsonNodeFactory.instance.nullNode();
    }
}
