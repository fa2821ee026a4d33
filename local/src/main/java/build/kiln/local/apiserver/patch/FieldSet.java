package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.schema.ListShape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// The fields that a manager has applied, in the form of `managedFields[].fieldsV1`: `f:` a member, `k:` an item with
/// these keys, `v:` a value of a set.
public final class FieldSet {

    private final ObjectNode fields;

    /// @param fieldsV1 as read from `managedFields`
    public FieldSet(ObjectNode fieldsV1) {
        this.fields = fieldsV1;
    }

    /// The fields that `applied` has.
    public static FieldSet of(ObjectNode applied, ListShape shape) {
        return new FieldSet(members(applied, shape));
    }

    public ObjectNode json() {
        return fields;
    }

    private static ObjectNode members(ObjectNode object, ListShape shape) {
        ObjectNode set = Json.object();
        object.properties().forEach(member -> {
            ListShape inner = shape.field(member.getKey());
            set.set("f:" + member.getKey(), below(member.getValue(), inner));
        });
        return set;
    }

    private static ObjectNode below(JsonNode value, ListShape shape) {
        if (value instanceof ObjectNode object) {
            return members(object, shape);
        }
        ObjectNode set = Json.object();
        if (value instanceof ArrayNode list) {
            switch (shape.merge()) {
                case ListShape.Merge.Atomic() -> {}
                case ListShape.Merge.AsSet() -> list.forEach(item -> set.putObject("v:" + item));
                case ListShape.Merge.ByKeys(List<String> keys) ->
                    list.forEach(item -> {
                        ObjectNode key = Json.object();
                        keys.forEach(name -> key.set(name, item.path(name).deepCopy()));
                        ObjectNode inner =
                                item instanceof ObjectNode object ? members(object, shape.item()) : Json.object();
                        inner.putObject(".");
                        set.set("k:" + key, inner);
                    });
            }
        }
        return set;
    }

    /// Takes from `object` what is in this set, and neither in `kept` nor in one of `others`.
    public void removeFrom(ObjectNode object, FieldSet kept, List<FieldSet> others) {
        remove(object, fields, kept.fields, others.stream().map(FieldSet::json).toList());
    }

    private static void remove(ObjectNode object, JsonNode owned, JsonNode kept, List<ObjectNode> others) {
        for (Map.Entry<String, JsonNode> field : owned.properties()) {
            String key = field.getKey();
            if (!key.startsWith("f:") || !object.has(key.substring(2))) {
                continue;
            }
            String name = key.substring(2);
            JsonNode keptBelow = kept.path(key);
            List<ObjectNode> othersBelow = below(others, key);
            JsonNode value = object.get(name);
            if (field.getValue().isEmpty()) {
                if (keptBelow.isMissingNode() && othersBelow.isEmpty()) {
                    object.remove(name);
                }
                continue;
            }
            if (value instanceof ObjectNode child) {
                remove(child, field.getValue(), keptBelow, othersBelow);
            } else if (value instanceof ArrayNode list) {
                remove(list, field.getValue(), keptBelow, othersBelow);
            }
            if (value.isContainerNode() && value.isEmpty() && keptBelow.isMissingNode() && othersBelow.isEmpty()) {
                object.remove(name);
            }
        }
    }

    private static void remove(ArrayNode list, JsonNode owned, JsonNode kept, List<ObjectNode> others) {
        for (Map.Entry<String, JsonNode> field : owned.properties()) {
            String key = field.getKey();
            JsonNode keptBelow = kept.path(key);
            List<ObjectNode> othersBelow = below(others, key);
            for (Iterator<JsonNode> items = list.elements(); items.hasNext(); ) {
                JsonNode item = items.next();
                if (!matches(item, key)) {
                    continue;
                }
                if (keptBelow.isMissingNode() && othersBelow.isEmpty()) {
                    items.remove();
                } else if (item instanceof ObjectNode object) {
                    remove(object, field.getValue(), keptBelow, othersBelow);
                }
            }
        }
    }

    private static boolean matches(JsonNode item, String key) {
        if (key.equals(".")) {
            return false;
        }
        JsonNode wanted = Json.parse(key.substring(2).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        if (key.startsWith("v:")) {
            return Json.same(item, wanted);
        }
        return wanted.properties().stream().allMatch(part -> Json.same(item.path(part.getKey()), part.getValue()));
    }

    private static List<ObjectNode> below(List<ObjectNode> sets, String key) {
        return sets.stream()
                .filter(set -> set.get(key) instanceof ObjectNode)
                .map(set -> (ObjectNode) set.get(key))
                .toList();
    }
}
