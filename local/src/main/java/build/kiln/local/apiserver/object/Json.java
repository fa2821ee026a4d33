package build.kiln.local.apiserver.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// JSON and YAML text to trees, and trees to JSON text.
public final class Json {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private static final YAMLMapper YAML = new YAMLMapper();

    /// 1 and 1.0 are one number in JSON, whatever Java type holds them.
    private static final Comparator<JsonNode> SAME = (a, b) -> {
        if (a.equals(b)) {
            return 0;
        }
        return a.isNumber() && b.isNumber() && a.decimalValue().compareTo(b.decimalValue()) == 0 ? 0 : 1;
    };

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// @throws IllegalArgumentException with the parser's words and place
    public static JsonNode parse(byte[] json) {
        return read(JSON, json, "JSON");
    }

    /// The first document of a YAML text; JSON is YAML too.
    ///
    /// @throws IllegalArgumentException with the parser's words and place
    public static JsonNode parseYaml(byte[] yaml) {
        return read(YAML, yaml, "YAML");
    }

    /// Every object of a YAML text of several documents.
    public static List<ObjectNode> parseYamlDocuments(byte[] yaml) {
        List<ObjectNode> documents = new ArrayList<>();
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            while (values.hasNextValue()) {
                if (values.nextValue() instanceof ObjectNode document) {
                    documents.add(document);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not YAML: " + e.getMessage(), e);
        }
        return documents;
    }

    private static JsonNode read(com.fasterxml.jackson.databind.ObjectMapper mapper, byte[] text, String format) {
        try {
            JsonNode node = mapper.readTree(text);
            return node.isMissingNode() ? JsonNodeFactory.instance.nullNode() : node;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not " + format + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("not " + format, e);
        }
    }

    /// Plain ASCII, with escapes for all else: fabric8's client adds NULs to the lines of a watch over HTTP if a
    /// character in them takes more than one byte.
    public static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    public static String text(JsonNode node) {
        return node.toString();
    }

    public static boolean same(JsonNode a, JsonNode b) {
        return a.equals(SAME, b);
    }

    /// The object below `field`, made if there is none.
    public static ObjectNode child(ObjectNode parent, String field) {
        return parent.get(field) instanceof ObjectNode child ? child : parent.putObject(field);
    }

    /// Puts the value unless the field is there already.
    public static void putIfMissing(ObjectNode parent, String field, String value) {
        if (!parent.hasNonNull(field)) {
            parent.put(field, value);
        }
    }

    /// The strings of an array; empty where it is missing.
    public static List<String> strings(JsonNode array) {
        List<String> all = new ArrayList<>();
        array.forEach(one -> all.add(one.asText()));
        return all;
    }
}
