package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.ListShape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;

/// Kubernetes' own merge, with its directives `$patch`, `$deleteFromPrimitiveList` and `$retainKeys`.
///
/// The order that `$setElementOrder` asks for is not kept: new items come last.
final class StrategicMergePatch {

    private static final String DIRECTIVE = "$patch";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList/";

    private StrategicMergePatch() {}

    static ObjectNode apply(ObjectNode target, ObjectNode patch, ListShape shape) {
        switch (patch.path(DIRECTIVE).asText("")) {
            case "delete" -> {
                return target.removeAll();
            }
            case "replace" -> {
                target.removeAll();
                target.setAll(patch.deepCopy());
                target.remove(DIRECTIVE);
                return target;
            }
            default -> {}
        }
        if (patch.get("$retainKeys") instanceof ArrayNode retained) {
            target.retain(Json.strings(retained));
        }
        patch.properties().forEach(member -> member(target, member.getKey(), member.getValue(), shape));
        return target;
    }

    private static void member(ObjectNode target, String name, JsonNode value, ListShape shape) {
        if (name.startsWith(DELETE_FROM)) {
            if (target.get(name.substring(DELETE_FROM.length())) instanceof ArrayNode list) {
                value.forEach(gone -> ListMerge.indexOf(list, gone).ifPresent(list::remove));
            }
            return;
        }
        if (name.startsWith("$")) {
            return;
        }
        ListShape inner = shape.field(name);
        switch (value) {
            case NullNode none -> target.remove(name);
            case ObjectNode child ->
                target.set(name, apply(target.get(name) instanceof ObjectNode old ? old : Json.object(), child, inner));
            case ArrayNode items ->
                target.set(
                        name, list(target.get(name) instanceof ArrayNode old ? old : target.arrayNode(), items, inner));
            default -> target.set(name, value);
        }
    }

    private static ArrayNode list(ArrayNode target, ArrayNode patch, ListShape shape) {
        return switch (shape.merge()) {
            case ListShape.Merge.Atomic() -> patch.deepCopy();
            case ListShape.Merge.AsSet() -> {
                patch.forEach(item -> {
                    if (ListMerge.indexOf(target, item).isEmpty()) {
                        target.add(item);
                    }
                });
                yield target;
            }
            case ListShape.Merge.ByKeys(List<String> keys) -> byKeys(target, patch, keys, shape.item());
        };
    }

    private static ArrayNode byKeys(ArrayNode target, ArrayNode patch, List<String> keys, ListShape item) {
        for (JsonNode wanted : patch) {
            if (wanted.size() == 1 && wanted.path(DIRECTIVE).asText("").equals("replace")) {
                target.removeAll();
            }
        }
        for (JsonNode each : patch) {
            if (!(each instanceof ObjectNode wanted) || (wanted.size() == 1 && wanted.has(DIRECTIVE))) {
                continue;
            }
            OptionalInt at = ListMerge.indexOf(target, wanted, keys);
            if (wanted.path(DIRECTIVE).asText("").equals("delete")) {
                at.ifPresent(target::remove);
            } else if (at.isPresent() && target.get(at.getAsInt()) instanceof ObjectNode old) {
                apply(old, wanted, item);
            } else {
                target.add(apply(Json.object(), wanted, item));
            }
        }
        return target;
    }
}
