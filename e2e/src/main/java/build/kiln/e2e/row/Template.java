package build.kiln.e2e.row;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Puts values in the place of `{{name}}` in all texts of a document. The braces are doubled because `${name}` means
/// something in a Dockerfile.
final class Template {

    private static final Pattern NAME = Pattern.compile("\\{\\{([a-z.-]+)}}");

    private Template() {}

    /// @throws RowFailure if a name has no value
    static JsonNode fill(JsonNode node, Map<String, String> values) {
        return switch (node) {
            case TextNode text -> TextNode.valueOf(fill(text.textValue(), values));
            case ArrayNode array -> {
                ArrayNode filled = JsonNodeFactory.instance.arrayNode();
                array.forEach(element -> filled.add(fill(element, values)));
                yield filled;
            }
            case ObjectNode object -> {
                ObjectNode filled = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(field -> filled.set(field.getKey(), fill(field.getValue(), values)));
                yield filled;
            }
            default -> node;
        };
    }

    /// @throws RowFailure if a name has no value
    static String fill(String text, Map<String, String> values) {
        Matcher matcher = NAME.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = values.get(matcher.group(1));
            if (value == null) {
                throw new RowFailure(
                        "The row names {{%s}}; there are %s.".formatted(matcher.group(1), values.keySet()));
            }
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }
}
