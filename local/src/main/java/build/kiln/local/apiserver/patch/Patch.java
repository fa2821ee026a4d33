package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.ListShape;
import build.kiln.local.apiserver.status.ApiFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// A patch as a client sends it.
public sealed interface Patch {

    /// Operations one after the other (RFC 6902).
    record Operations(ArrayNode operations) implements Patch {}

    /// Members replace members, null removes, lists are replaced whole (RFC 7396).
    record Merge(ObjectNode body) implements Patch {}

    /// As a merge, but lists of named things are merged by their names.
    record StrategicMerge(ObjectNode body) implements Patch {}

    /// What a manager wants the object to say; what it said before and says no longer is removed.
    record Apply(ObjectNode body) implements Patch {}

    List<String> MEDIA_TYPES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml");

    /// @throws ApiFailure UnsupportedMediaType, BadRequest
    static Patch parse(String mediaType, byte[] body) {
        JsonNode tree;
        try {
            tree = mediaType.endsWith("yaml") ? Json.parseYaml(body) : Json.parse(body);
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("the patch is " + e.getMessage());
        }
        return switch (mediaType) {
            case "application/json-patch+json" -> {
                if (tree instanceof ArrayNode operations) {
                    yield new Operations(operations);
                }
                throw ApiFailure.badRequest("a JSON patch is a list of operations, and this is not a list");
            }
            case "application/merge-patch+json" -> new Merge(object(tree));
            case "application/strategic-merge-patch+json" -> new StrategicMerge(object(tree));
            case "application/apply-patch+yaml" -> new Apply(object(tree));
            default -> throw ApiFailure.unsupportedMediaType(mediaType, MEDIA_TYPES);
        };
    }

    private static ObjectNode object(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the patch is not an object");
    }

    /// The object after the patch; `object` itself stays as it is.
    ///
    /// @throws ApiFailure if the patch does not fit the object
    default ObjectNode applyTo(ObjectNode object, ListShape shape) {
        return switch (this) {
            case Operations(ArrayNode operations) -> JsonPatch.apply(object, operations);
            case Merge(ObjectNode body) -> MergePatch.apply(object.deepCopy(), body);
            case StrategicMerge(ObjectNode body) -> StrategicMergePatch.apply(object.deepCopy(), body, shape);
            case Apply(ObjectNode body) -> ListMerge.merge(object.deepCopy(), body, shape);
        };
    }
}
