package build.kiln.builder.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Canonical JSON: no white space, members in the specification's order, maps sorted by key.
///
/// Reads and writes trees and no beans: reflection over beans costs a cold JVM more than the documents themselves.
/// What is malformed is an [IllegalArgumentException] that names the member; who reads from a peer turns it into his
/// own failure.
public final class Json {

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// The one JSON object that these bytes are.
    ///
    /// @throws IllegalArgumentException if they are not one
    public static JsonNode parse(byte[] json) {
        return PlainJson.parse(json).orElseGet(() -> parseAny(json));
    }

    private static JsonNode parseAny(byte[] json) {
        try {
            JsonNode node = Any.MAPPER.readTree(json);
            if (!node.isObject()) {
                throw new IllegalArgumentException("expected a JSON object, found " + node.getNodeType());
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    public static byte[] bytes(JsonNode node) {
        return PlainJson.bytes(node).orElseGet(() -> bytesOfAny(node));
    }

    private static byte[] bytesOfAny(JsonNode node) {
        try {
            return Any.MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    /// The text of a member that has to be there.
    public static String text(JsonNode node, String member) {
        JsonNode value = node.path(member);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("\"" + member + "\" is not a string");
        }
        return value.textValue();
    }

    public static @Nullable String optionalText(JsonNode node, String member) {
        JsonNode value = node.path(member);
        return value.isTextual() ? value.textValue() : null;
    }

    /// The whole number of a member that has to be there.
    public static long number(JsonNode node, String member) {
        JsonNode value = node.path(member);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("\"" + member + "\" is not a whole number");
        }
        return value.longValue();
    }

    /// The strings of an array; empty where it is missing or null.
    public static List<String> list(JsonNode array) {
        List<String> all = new ArrayList<>();
        array.forEach(one -> all.add(one.asText()));
        return Collections.unmodifiableList(all);
    }

    /// The string members of an object; empty where it is missing or null.
    public static Map<String, String> strings(JsonNode object) {
        Map<String, String> all = new TreeMap<>();
        object.properties()
                .forEach(member -> all.put(member.getKey(), member.getValue().asText()));
        return Collections.unmodifiableMap(all);
    }

    public static ArrayNode of(Collection<String> strings) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        strings.forEach(array::add);
        return array;
    }

    public static ObjectNode of(Map<String, String> strings) {
        ObjectNode object = object();
        new TreeMap<>(strings).forEach(object::put);
        return object;
    }

    static Map<String, String> sorted(Map<String, String> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /// For what is not plain; made when it is first met.
    private static final class Any {

        static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(100)
                                .build())
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }
}
