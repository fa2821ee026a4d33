package build.kiln.local.apiserver.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Events have two faces, in the core group and in `events.k8s.io`, and are stored in the first.
final class EventView {

    private static final Map<String, String> NEW_NAMES = Map.of(
            "involvedObject", "regarding",
            "message", "note",
            "source", "deprecatedSource",
            "firstTimestamp", "deprecatedFirstTimestamp",
            "lastTimestamp", "deprecatedLastTimestamp",
            "count", "deprecatedCount",
            "reportingComponent", "reportingController");

    private EventView() {}

    static ObjectNode toCore(ObjectNode event) {
        ObjectNode core = event.deepCopy().put("apiVersion", "v1");
        NEW_NAMES.forEach((coreName, newName) -> rename(core, newName, coreName));
        return core;
    }

    static ObjectNode fromCore(ObjectNode core) {
        ObjectNode event = core.deepCopy().put("apiVersion", "events.k8s.io/v1");
        NEW_NAMES.forEach((coreName, newName) -> rename(event, coreName, newName));
        return event;
    }

    private static void rename(ObjectNode object, String from, String to) {
        JsonNode value = object.remove(from);
        if (value != null) {
            object.set(to, value);
        }
    }
}
