package build.kiln.local.apiserver.patch;

import build.kiln.local.apiserver.object.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// RFC 7396.
final class MergePatch {

    private MergePatch() {}

    static ObjectNode apply(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(member -> {
            switch (member.getValue()) {
                case ObjectNode child ->
                    target.set(
                            member.getKey(),
                            apply(target.get(member.getKey()) instanceof ObjectNode old ? old : Json.object(), child));
                case com.fasterxml.jackson.databind.node.NullNode none -> target.remove(member.getKey());
                default -> target.set(member.getKey(), member.getValue().deepCopy());
            }
        });
        return target;
    }
}
