package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.status.ApiFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// RFC 6902.
final class JsonPatch {

    private static final Pattern INDEX = Pattern.compile("0|[1-9]\\d{0,8}");

    private ObjectNode root;

    private JsonPatch(ObjectNode root) {
        this.root = root;
    }

    static ObjectNode apply(ObjectNode object, ArrayNode operations) {
        JsonPatch patch = new JsonPatch(object.deepCopy());
        operations.forEach(patch::run);
        return patch.root;
    }

    private void run(JsonNode operation) {
        String path = operation.path("path").asText("");
        switch (operation.path("op").asText("")) {
            case "add" -> add(path, value(operation));
            case "remove" -> remove(path);
            case "replace" -> replace(path, value(operation));
            case "test" -> test(path, value(operation));
            case "copy" -> add(path, existing(operation.path("from").asText("")).deepCopy());
            case "move" -> {
                String from = operation.path("from").asText("");
                JsonNode moved = existing(from);
                remove(from);
                add(path, moved);
            }
            default ->
                throw ApiFailure.badRequest("the JSON patch has the operation " + operation.path("op")
                        + "; there are add, remove, replace, test, copy and move");
        }
    }

    private static JsonNode value(JsonNode operation) {
        JsonNode value = operation.get("value");
        if (value == null) {
            throw ApiFailure.badRequest("an operation of the JSON patch has no value: " + operation);
        }
        return value;
    }

    private void add(String path, JsonNode value) {
        List<String> tokens = tokens(path);
        if (tokens.isEmpty()) {
            root = whole(value);
            return;
        }
        String last = tokens.removeLast();
        switch (at(tokens, path)) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array when last.equals("-") -> array.add(value);
            case ArrayNode array -> array.insert(index(last, array.size() + 1, path), value);
            default -> throw doesNotExist(path);
        }
    }

    private void remove(String path) {
        List<String> tokens = tokens(path);
        existing(path);
        String last = tokens.isEmpty() ? "" : tokens.removeLast();
        switch (at(tokens, path)) {
            case ObjectNode object -> object.remove(last);
            case ArrayNode array -> array.remove(index(last, array.size(), path));
            default -> throw doesNotExist(path);
        }
    }

    private void replace(String path, JsonNode value) {
        List<String> tokens = tokens(path);
        if (tokens.isEmpty()) {
            root = whole(value);
            return;
        }
        existing(path);
        String last = tokens.removeLast();
        switch (at(tokens, path)) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array -> array.set(index(last, array.size(), path), value);
            default -> throw doesNotExist(path);
        }
    }

    private void test(String path, JsonNode value) {
        if (!Json.same(existing(path), value)) {
            throw ApiFailure.unprocessable("the server rejected our request due to an error in our request: the JSON"
                    + " patch tests " + path + " for " + value + ", and it is " + existing(path));
        }
    }

    private JsonNode existing(String path) {
        return at(tokens(path), path);
    }

    private JsonNode at(List<String> tokens, String path) {
        JsonNode at = root;
        for (String token : tokens) {
            at = switch (at) {
                case ObjectNode object when object.has(token) -> object.get(token);
                case ArrayNode array -> array.get(index(token, array.size(), path));
                default -> throw doesNotExist(path);
            };
        }
        return at;
    }

    private static int index(String token, int below, String path) {
        if (!INDEX.matcher(token).matches() || Integer.parseInt(token) >= below) {
            throw doesNotExist(path);
        }
        return Integer.parseInt(token);
    }

    private static ObjectNode whole(JsonNode value) {
        if (value instanceof ObjectNode object) {
            return object.deepCopy();
        }
        throw ApiFailure.unprocessable("the JSON patch puts something else in the place of the whole object");
    }

    private static List<String> tokens(String path) {
        List<String> tokens = new ArrayList<>();
        if (path.isEmpty()) {
            return tokens;
        }
        for (String token : path.substring(1).split("/", -1)) {
            tokens.add(token.replace("~1", "/").replace("~0", "~"));
        }
        return tokens;
    }

    private static ApiFailure doesNotExist(String path) {
        return ApiFailure.unprocessable("the server rejected our request due to an error in our request: the JSON patch"
                + " names " + path + ", which the object does not have");
    }
}
