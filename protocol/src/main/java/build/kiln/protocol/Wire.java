package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// JSON as both programs read and write it: compact, without empty fields, in a fixed order.
final class Wire {

    /// Refuses a field it does not know.
    static final ObjectMapper STRICT = mapper(true);

    /// Passes over a field it does not know.
    static final ObjectMapper LENIENT = mapper(false);

    private Wire() {}

    private static ObjectMapper mapper(boolean strict) {
        return JsonMapper.builder()
                .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, strict)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
                .build();
    }

    static String write(Object value) {
        try {
            return LENIENT.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A " + value.getClass().getSimpleName() + " cannot be written as JSON.", e);
        }
    }

    /// Reads a message of exactly `version`.
    ///
    /// @param what the message's name in sentences: `build request`
    /// @param advice what to do about another version or an unknown field
    static <T> T read(ObjectMapper mapper, String json, Class<T> type, String what, int version, String advice)
            throws ProtocolMismatch {
        try {
            JsonNode tree = mapper.readTree(json);
            if (tree == null || !tree.isObject()) {
                throw new ProtocolMismatch("The " + what + " is not a JSON object: " + excerpt(json), null);
            }
            JsonNode seen = tree.path("version");
            if (!seen.isIntegralNumber() || seen.longValue() != version) {
                String is = seen.isMissingNode() ? "no version" : "version " + seen;
                throw new ProtocolMismatch(
                        "The " + what + " has " + is + "; this program takes version " + version + ". " + advice, null);
            }
            return mapper.treeToValue(tree, type);
        } catch (UnrecognizedPropertyException e) {
            throw new ProtocolMismatch(
                    "The " + what + " has a field \"" + e.getPropertyName() + "\" that this program does not know. "
                            + advice,
                    e);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ProtocolMismatch("The " + what + " cannot be read: " + firstLine(e), e);
        }
    }

    private static String firstLine(Exception e) {
        // Jackson wraps what a record's constructor says; the innermost message is the one written for people.
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    private static String excerpt(String text) {
        return text.isEmpty() ? "it is empty." : "\"" + Text.cut(Text.oneLine(text), 80) + "\".";
    }

    static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /// A copy in the order of its keys, so that equal maps are written equally.
    static Map<String, String> map(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : java.util.Collections.unmodifiableMap(new TreeMap<>(map));
    }

    static String required(@Nullable String value, String field) {
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("The field \"" + field + "\" is missing or empty.");
        }
        return value;
    }

    /// Null is nothing that was said, and passes.
    static void positive(@Nullable Long value, String field) {
        if (value != null && value <= 0) {
            throw new IllegalArgumentException("The field \"" + field + "\" is " + value + "; it must be positive.");
        }
    }

    static <T> T present(@Nullable T value, String field) {
        if (value == null) {
            throw new IllegalArgumentException("The field \"" + field + "\" is missing.");
        }
        return value;
    }
}
