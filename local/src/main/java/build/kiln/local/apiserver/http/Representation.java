package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.table.Tables;
import build.kiln.local.apiserver.table.Tables.RowObject;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The form in which a client wants objects.
sealed interface Representation {

    record Whole() implements Representation {}

    record MetadataOnly() implements Representation {}

    record AsTable(RowObject objects) implements Representation {}

    /// The first form of the Accept header that the server has; JSON if there is none.
    static Representation of(Request request) {
        for (String range : request.accept().split(",", -1)) {
            Map<String, String> parameters = parameters(range);
            String as = parameters.getOrDefault("as", "");
            if (as.equals("Table") && parameters.getOrDefault("v", "v1").equals("v1")) {
                return new AsTable(
                        switch (request.parameter("includeObject")) {
                            case "None" -> RowObject.NONE;
                            case "Object" -> RowObject.WHOLE;
                            default -> RowObject.METADATA;
                        });
            }
            if (as.startsWith("PartialObjectMetadata")) {
                return new MetadataOnly();
            }
            if (as.isEmpty() && range.strip().startsWith("application/json")) {
                return new Whole();
            }
        }
        return new Whole();
    }

    private static Map<String, String> parameters(String range) {
        Map<String, String> parameters = new HashMap<>();
        for (String part : range.split(";", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        part.substring(0, equals).strip(),
                        part.substring(equals + 1).strip());
            }
        }
        return parameters;
    }

    /// One object, or one event's object.
    default byte[] one(Resources resources, ResourceType type, Stored stored) {
        return switch (this) {
            case Whole() ->
                stored.object().path("apiVersion").asText().equals(type.apiVersion())
                        ? stored.bytes()
                        : Json.bytes(resources.shown(type, stored.object()));
            case MetadataOnly() -> Json.bytes(Tables.metadataOnly(stored.object()));
            case AsTable(RowObject objects) ->
                Json.bytes(new Tables(type, objects)
                        .table(
                                List.of(stored.object()),
                                Long.toString(stored.resourceVersion()),
                                resources.clock().instant()));
        };
    }

    /// An object that is not stored, as writes answer with.
    default ObjectNode one(Resources resources, ResourceType type, ObjectNode object) {
        return switch (this) {
            case Whole() -> object;
            case MetadataOnly() -> Tables.metadataOnly(object);
            case AsTable(RowObject objects) ->
                new Tables(type, objects)
                        .table(
                                List.of(object),
                                object.path("metadata").path("resourceVersion").asText(""),
                                resources.clock().instant());
        };
    }

    /// @param listMetadata of the list
    default byte[] list(Resources resources, ResourceType type, List<Stored> objects, ObjectNode listMetadata) {
        return switch (this) {
            case Whole() -> items(resources, type, type.kind() + "List", type.apiVersion(), objects, listMetadata);
            case MetadataOnly() ->
                items(resources, type, "PartialObjectMetadataList", "meta.k8s.io/v1", objects, listMetadata);
            case AsTable(RowObject rows) -> {
                ObjectNode table = new Tables(type, rows)
                        .table(
                                objects.stream().map(Stored::object).toList(),
                                "",
                                resources.clock().instant());
                table.set("metadata", listMetadata);
                yield Json.bytes(table);
            }
        };
    }

    private byte[] items(
            Resources resources,
            ResourceType type,
            String kind,
            String apiVersion,
            List<Stored> objects,
            ObjectNode listMetadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + apiVersion + "\",\"metadata\":" + listMetadata
                        + ",\"items\":[")
                .getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < objects.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            out.writeBytes(one(resources, type, objects.get(i)));
        }
        out.writeBytes(new byte[] {']', '}'});
        return out.toByteArray();
    }
}
