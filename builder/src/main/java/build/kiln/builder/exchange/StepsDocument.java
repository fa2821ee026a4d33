package build.kiln.builder.exchange;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The JSON of [SharedStep]s. It names layers by digest; their types and sizes are those of the manifest's list.
///
/// Equal steps make equal bytes. What comes from a registry may be anything: it is bounded, and refused as a whole if
/// any
/// part of it is not what it should be.
final class StepsDocument {

    /// A change of the form, or of what a [CacheKey] means, is a new version.
    private static final int VERSION = 1;

    /// No build has more steps; 4 MiB would hold no more either.
    static final int MOST_STEPS = 10_000;

    private static final int MOST_KEYS = 4;
    private static final int LONGEST_TEXT = 64 << 10;

    private StepsDocument() {}

    static byte[] write(List<SharedStep> steps) {
        ObjectNode document = Json.object();
        document.put("version", VERSION);
        ArrayNode all = document.putArray("steps");
        for (SharedStep step : steps) {
            ObjectNode node = all.addObject();
            ArrayNode keys = node.putArray("keys");
            step.keys().forEach(key -> keys.add(key.toString()));
            node.put("instruction", step.instruction());
            node.put("diffId", step.diffId().toString());
            node.put("contentBytes", step.contentBytes());
            node.put("epoch", step.epoch().toString());
            node.put("recipe", step.recipe());
            node.put("layer", step.layer().digest().toString());
        }
        return Json.bytes(document);
    }

    static String text(List<SharedStep> steps) {
        return new String(write(steps), StandardCharsets.UTF_8);
    }

    /// @param layers that the manifest lists
    /// @throws IllegalArgumentException if it is not such a document; says why
    static List<SharedStep> parse(byte[] json, List<Descriptor> layers) {
        Map<Digest, Descriptor> byDigest = new HashMap<>();
        layers.forEach(layer -> byDigest.putIfAbsent(layer.digest(), layer));
        JsonNode document = Json.parse(json);
        long version = Json.number(document, "version");
        if (version != VERSION) {
            throw new IllegalArgumentException("its version is " + version + ", and this Kiln reads " + VERSION);
        }
        JsonNode all = document.path("steps");
        if (!all.isArray() || all.size() > MOST_STEPS) {
            throw new IllegalArgumentException(
                    all.isArray() ? "it has " + all.size() + " steps, " + MOST_STEPS + " are read" : "it has no steps");
        }
        List<SharedStep> steps = new ArrayList<>();
        all.forEach(step -> steps.add(step(step, byDigest)));
        return List.copyOf(steps);
    }

    private static SharedStep step(JsonNode node, Map<Digest, Descriptor> layers) {
        Digest layer = Digest.parse(Json.text(node, "layer"));
        Descriptor listed = layers.get(layer);
        if (listed == null) {
            throw new IllegalArgumentException("the layer " + layer + " is not in the manifest's list");
        }
        List<String> keys = Json.list(node.path("keys"));
        if (keys.isEmpty() || keys.size() > MOST_KEYS) {
            throw new IllegalArgumentException("a step has " + keys.size() + " keys");
        }
        long contentBytes = Json.number(node, "contentBytes");
        if (contentBytes < 0) {
            throw new IllegalArgumentException("a layer has " + contentBytes + " bytes");
        }
        return new SharedStep(
                keys.stream()
                        .map(key -> new CacheKey(Digest.parse("sha256:" + key)))
                        .toList(),
                shortText(node, "instruction"),
                DiffId.parse(Json.text(node, "diffId")),
                contentBytes,
                time(Json.text(node, "epoch")),
                shortText(node, "recipe"),
                listed);
    }

    private static String shortText(JsonNode node, String member) {
        String text = Json.text(node, member);
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("\"" + member + "\" has " + text.length() + " characters");
        }
        return text;
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("\"epoch\" is not a time", e);
        }
    }
}
