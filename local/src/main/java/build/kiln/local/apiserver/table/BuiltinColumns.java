package build.kiln.local.apiserver.table;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The columns of the built-in kinds, as Kubernetes has them.
final class BuiltinColumns {

    private static final Column NAME =
            new Column("Name", "string", "name", "", 0, (object, now) -> text(object, "/metadata/name"));
    private static final Column AGE = Column.shown("Age", age("/metadata/creationTimestamp"));

    private static final Map<GroupResource, List<Column>> COLUMNS = Map.of(
            BuiltinTypes.PODS,
            List.of(
                    NAME,
                    Column.shown("Ready", (pod, now) -> PodStatus.ready(pod)),
                    Column.shown("Status", (pod, now) -> PodStatus.of(pod)),
                    new Column("Restarts", "integer", "", "", 0, (pod, now) -> PodStatus.restarts(pod)),
                    AGE,
                    Column.wide("IP", orNone("/status/podIP")),
                    Column.wide("Node", orNone("/spec/nodeName")),
                    Column.wide("Nominated Node", orNone("/status/nominatedNodeName")),
                    Column.wide("Readiness Gates", (pod, now) -> "<none>")),
            BuiltinTypes.NAMESPACES,
            List.of(NAME, Column.shown("Status", plain("/status/phase")), AGE),
            BuiltinTypes.SECRETS,
            List.of(NAME, Column.shown("Type", plain("/type")), count("Data", "/data"), AGE),
            BuiltinTypes.CONFIG_MAPS,
            List.of(NAME, count("Data", "/data"), AGE),
            BuiltinTypes.SERVICE_ACCOUNTS,
            List.of(NAME, count("Secrets", "/secrets"), AGE),
            BuiltinTypes.CLAIMS,
            List.of(
                    NAME,
                    Column.shown("Status", plain("/status/phase")),
                    Column.shown("Volume", plain("/spec/volumeName")),
                    Column.shown("Capacity", plain("/status/capacity/storage")),
                    Column.shown("Access Modes", (claim, now) -> accessModes(claim)),
                    Column.shown("StorageClass", plain("/spec/storageClassName")),
                    AGE,
                    Column.wide("VolumeMode", plain("/spec/volumeMode"))),
            BuiltinTypes.LEASES,
            List.of(NAME, Column.shown("Holder", plain("/spec/holderIdentity")), AGE),
            BuiltinTypes.NODES,
            List.of(
                    NAME,
                    Column.shown("Status", (node, now) -> nodeStatus(node)),
                    Column.shown("Roles", (node, now) -> "<none>"),
                    AGE,
                    Column.shown("Version", plain("/status/nodeInfo/kubeletVersion")),
                    Column.wide("OS-Image", plain("/status/nodeInfo/osImage")),
                    Column.wide("Kernel-Version", plain("/status/nodeInfo/kernelVersion"))),
            BuiltinTypes.DEFINITIONS,
            List.of(NAME, new Column("Created At", "date", "", "", 0, plain("/metadata/creationTimestamp"))),
            BuiltinTypes.EVENTS,
            events("/involvedObject"));

    private BuiltinColumns() {}

    /// @param resource where the objects are stored
    static List<Column> of(GroupResource resource) {
        return COLUMNS.getOrDefault(resource, List.of(NAME, AGE));
    }

    static Column name() {
        return NAME;
    }

    static Column age() {
        return AGE;
    }

    private static List<Column> events(String about) {
        return List.of(
                Column.shown("Last Seen", (event, now) -> lastSeen(event, now)),
                Column.shown("Type", plain("/type")),
                Column.shown("Reason", plain("/reason")),
                Column.shown(
                        "Object",
                        (event, now) -> text(event, about + "/kind").toLowerCase(java.util.Locale.ROOT) + "/"
                                + text(event, about + "/name")),
                Column.wide("Subobject", plain(about + "/fieldPath")),
                Column.wide("Source", (event, now) -> source(event)),
                Column.shown("Message", (event, now) -> text(event, "/message").strip()),
                Column.wide("First Seen", age("/firstTimestamp")),
                Column.wide("Count", (event, now) -> event.path("count").asInt(1)),
                Column.wide("Name", plain("/metadata/name")));
    }

    private static String lastSeen(JsonNode event, Instant now) {
        for (String time :
                List.of("/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp")) {
            String text = text(event, time);
            if (!text.isEmpty()) {
                return Age.since(text, now);
            }
        }
        return "<unknown>";
    }

    private static String source(JsonNode event) {
        String component = text(event, "/source/component");
        String host = text(event, "/source/host");
        if (component.isEmpty()) {
            return text(event, "/reportingComponent");
        }
        return host.isEmpty() ? component : component + ", " + host;
    }

    private static String nodeStatus(JsonNode node) {
        for (JsonNode condition : node.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                String status = condition.path("status").asText().equals("True") ? "Ready" : "NotReady";
                return node.path("spec").path("unschedulable").asBoolean(false)
                        ? status + ",SchedulingDisabled"
                        : status;
            }
        }
        return "Unknown";
    }

    private static String accessModes(JsonNode claim) {
        List<String> modes = new ArrayList<>();
        for (String mode : Json.strings(claim.path("spec").path("accessModes"))) {
            modes.add(mode.replaceAll("[a-z]", ""));
        }
        return String.join(",", modes);
    }

    private static Cell age(String pointer) {
        return (object, now) -> Age.since(text(object, pointer), now);
    }

    private static Cell plain(String pointer) {
        return (object, now) -> text(object, pointer);
    }

    private static Cell orNone(String pointer) {
        return (object, now) -> {
            String text = text(object, pointer);
            return text.isEmpty() ? "<none>" : text;
        };
    }

    private static Column count(String name, String pointer) {
        return new Column(
                name, "integer", "", "", 0, (object, now) -> object.at(pointer).size());
    }

    private static String text(JsonNode object, String pointer) {
        @Nullable String text = object.at(pointer).asText("");
        return text == null || object.at(pointer).isNull() ? "" : text;
    }
}
