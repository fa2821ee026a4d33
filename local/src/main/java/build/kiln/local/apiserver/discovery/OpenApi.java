package build.kiln.local.apiserver.discovery;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.StructuralSchema;
import build.kiln.local.apiserver.type.ResourceType;
import build.kiln.local.apiserver.type.ResourceTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// OpenAPI documents: enough for kubectl to leave validation to the server, and to explain custom resources.
public final class OpenApi {

    private static final String METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private final ResourceTypes types;

    public OpenApi(ResourceTypes types) {
        this.types = types;
    }

    /// The answer to `/openapi/v3`: where the documents are.
    public ObjectNode index() {
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        Discovery.versions(types.all())
                .forEach((group, versions) -> versions.keySet().forEach(version -> {
                    String path = root(group, version);
                    String hash =
                            HexFormat.of().toHexDigits(document(group, version).hashCode());
                    paths.putObject(path).put("serverRelativeURL", "/openapi/v3/" + path + "?hash=" + hash);
                }));
        return index;
    }

    /// The answer to `/openapi/v3/<path>`, with the path in parts: `api/v1` or `apis/<group>/<version>`.
    public Optional<ObjectNode> document(List<String> path) {
        return switch (path.size()) {
            case 2 -> path.getFirst().equals("api") ? find("", path.get(1)) : Optional.empty();
            case 3 -> path.getFirst().equals("apis") ? find(path.get(1), path.get(2)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<ObjectNode> find(String group, String version) {
        return Discovery.versions(types.all()).getOrDefault(group, Map.of()).containsKey(version)
                ? Optional.of(document(group, version))
                : Optional.empty();
    }

    /// The answer to `/openapi/v2`, which clients ask for when they do not find what they want in the third version.
    public static ObjectNode secondVersion() {
        ObjectNode document = Json.object().put("swagger", "2.0");
        document.putObject("info").put("title", "Kiln local").put("version", "v1.32.0");
        document.putObject("paths");
        return document;
    }

    /// The same in protocol buffers, in which kubectl asks for it: field 1, the text `2.0`.
    public static byte[] secondVersionAsProtobuf() {
        return "\n\0032.0".getBytes(StandardCharsets.US_ASCII);
    }

    private static String root(String group, String version) {
        return group.isEmpty() ? "api/" + version : "apis/" + group + "/" + version;
    }

    private ObjectNode document(String group, String version) {
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kiln local").put("version", "v1.32.0");
        ObjectNode paths = document.putObject("paths");
        ObjectNode schemas = document.putObject("components").putObject("schemas");
        schemas.putObject(METADATA).put("type", "object").put("description", "Name, labels, owners and the like.");
        for (ResourceType type : types.all()) {
            if (type.resource().group().equals(group) && type.version().equals(version)) {
                describe(type, paths, schemas);
            }
        }
        return document;
    }

    private static void describe(ResourceType type, ObjectNode paths, ObjectNode schemas) {
        String scope = type.isNamespaced() ? "/namespaces/{namespace}/" : "/";
        String path = "/" + root(type.resource().group(), type.version()) + scope
                + type.resource().plural();
        String name = schemaName(type);
        schemas.set(name, schema(type));
        ObjectNode create = paths.putObject(path).putObject("post");
        create.put("x-kubernetes-action", "post");
        complete(create, type, name);
        ObjectNode patch = paths.putObject(path + "/{name}").putObject("patch");
        patch.put("x-kubernetes-action", "patch");
        complete(patch, type, name);
    }

    private static void complete(ObjectNode operation, ResourceType type, String schema) {
        ArrayNode parameters = operation.putArray("parameters");
        for (String parameter : List.of("dryRun", "fieldManager", "fieldValidation")) {
            parameters
                    .addObject()
                    .put("name", parameter)
                    .put("in", "query")
                    .putObject("schema")
                    .put("type", "string");
        }
        operation.putObject("requestBody").putObject("content").putObject("*/*").set("schema", reference(schema));
        operation
                .putObject("responses")
                .putObject("200")
                .put("description", "OK")
                .putObject("content")
                .putObject("application/json")
                .set("schema", reference(schema));
        operation.set("x-kubernetes-group-version-kind", groupVersionKind(type));
    }

    private static ObjectNode schema(ResourceType type) {
        StructuralSchema declared = type.schema();
        ObjectNode schema = declared == null
                ? Json.object().put("type", "object").put("x-kubernetes-preserve-unknown-fields", true)
                : declared.json();
        ObjectNode properties = Json.child(schema, "properties");
        properties.putObject("apiVersion").put("type", "string").put("description", type.apiVersion());
        properties.putObject("kind").put("type", "string").put("description", type.kind());
        ObjectNode metadata = properties.putObject("metadata").put("description", "The object's metadata.");
        metadata.putArray("allOf").add(reference(METADATA));
        if (declared != null) {
            // kubectl merges lists of built-in kinds by what it knows of them, unless a schema claims to know better.
            schema.putArray("x-kubernetes-group-version-kind").add(groupVersionKind(type));
        }
        return schema;
    }

    private static String schemaName(ResourceType type) {
        String group =
                type.resource().group().isEmpty() ? "core" : type.resource().group();
        return group + "." + type.version() + "." + type.kind();
    }

    private static ObjectNode reference(String schema) {
        return Json.object().put("$ref", "#/components/schemas/" + schema);
    }

    private static ObjectNode groupVersionKind(ResourceType type) {
        return Json.object()
                .put("group", type.resource().group())
                .put("version", type.version())
                .put("kind", type.kind());
    }
}
