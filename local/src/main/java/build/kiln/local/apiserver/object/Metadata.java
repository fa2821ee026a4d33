package build.kiln.local.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads and writes `metadata`. Strings that are not there read as empty ones.
public final class Metadata {

    private Metadata() {}

    /// The metadata of an object, made if there is none.
    public static ObjectNode of(ObjectNode object) {
        return Json.child(object, "metadata");
    }

    public static String name(JsonNode object) {
        return text(object, "name");
    }

    public static String namespace(JsonNode object) {
        return text(object, "namespace");
    }

    public static String uid(JsonNode object) {
        return text(object, "uid");
    }

    public static String resourceVersion(JsonNode object) {
        return text(object, "resourceVersion");
    }

    public static boolean isBeingDeleted(JsonNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    public static Optional<Instant> created(JsonNode object) {
        String text = text(object, "creationTimestamp");
        return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    }

    public static List<String> finalizers(JsonNode object) {
        return Json.strings(object.path("metadata").path("finalizers"));
    }

    /// Leaves no empty list behind.
    public static void setFinalizers(ObjectNode object, Collection<String> finalizers) {
        if (finalizers.isEmpty()) {
            of(object).remove("finalizers");
            return;
        }
        ArrayNode list = of(object).putArray("finalizers");
        finalizers.forEach(list::add);
    }

    public static List<String> ownerUids(JsonNode object) {
        return object.path("metadata").path("ownerReferences").findValuesAsText("uid");
    }

    public static Map<String, String> labels(JsonNode object) {
        Map<String, String> labels = new LinkedHashMap<>();
        object.path("metadata")
                .path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }

    /// As Kubernetes writes times: whole seconds of UTC.
    public static String timestamp(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String text(JsonNode object, String field) {
        return object.path("metadata").path(field).asText("");
    }
}
