package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.ListShape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;

/// Merges what a manager applies into an object.
final class ListMerge {

    private ListMerge() {}

    static ObjectNode merge(ObjectNode target, ObjectNode applied, ListShape shape) {
        applied.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            ListShape inner = shape.field(name);
            switch (value) {
                case ObjectNode child when target.get(name) instanceof ObjectNode old -> merge(old, child, inner);
                case ArrayNode list when target.get(name) instanceof ArrayNode old -> merge(old, list, inner);
                default -> target.set(name, value.deepCopy());
            }
        });
        return target;
    }

    private static void merge(ArrayNode target, ArrayNode applied, ListShape shape) {
        switch (shape.merge()) {
            case ListShape.Merge.Atomic() -> {
                target.removeAll();
                applied.forEach(item -> target.add(item.deepCopy()));
            }
            case ListShape.Merge.AsSet() ->
                applied.forEach(item -> {
                    if (indexOf(target, item).isEmpty()) {
                        target.add(item);
                    }
                });
            case ListShape.Merge.ByKeys(List<String> keys) ->
                applied.forEach(item -> {
                    OptionalInt at = indexOf(target, item, keys);
                    if (at.isPresent()
                            && target.get(at.getAsInt()) instanceof ObjectNode old
                            && item instanceof ObjectNode wanted) {
                        merge(old, wanted, shape.item());
                    } else {
                        target.add(item.deepCopy());
                    }
                });
        }
    }

    static OptionalInt indexOf(ArrayNode list, JsonNode value) {
        for (int i = 0; i < list.size(); i++) {
            if (Json.same(list.get(i), value)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /// The place of the item that agrees with `wanted` in all keys.
    static OptionalInt indexOf(ArrayNode list, JsonNode wanted, List<String> keys) {
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.get(i);
            if (keys.stream().allMatch(key -> Json.same(item.path(key), wanted.path(key)))) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }
}
