package build.kiln.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Judges a resource by the CRD's schema as an API server does, and in its words: unknown fields, defaults, then types,
/// sizes and patterns, then the CEL rules. It knows what this CRD uses of OpenAPI.
///
/// The words are those of Kubernetes 1.36, which was asked for each row of the table of bad resources.
final class SchemaJudge {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Cel CEL = CelFactory.standardCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("self", SimpleType.DYN)
            .build();

    private final List<String> unknown = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    /// Whether something is so wrong that the API server does not show the resource to the rules.
    private boolean isUnreadable;

    private SchemaJudge() {}

    /// What is wrong, each as `path: message`; empty if the resource is good.
    static List<String> judge(ObjectNode schema, JsonNode resource) {
        JsonNode defaulted = resource.deepCopy();
        applyDefaults(schema, defaulted);
        var judge = new SchemaJudge();
        judge.check("", schema, defaulted);
        if (!judge.unknown.isEmpty()) {
            return List.of("strict decoding error: " + String.join(", ", judge.unknown));
        }
        if (!judge.isUnreadable) {
            judge.checkRules("", schema, defaulted);
        }
        return judge.complaints;
    }

    static void applyDefaults(JsonNode schema, JsonNode value) {
        if (value instanceof ObjectNode object) {
            schema.path("properties").properties().forEach(p -> {
                if (!object.has(p.getKey()) && p.getValue().has("default")) {
                    object.set(p.getKey(), p.getValue().get("default").deepCopy());
                }
                if (object.has(p.getKey())) {
                    applyDefaults(p.getValue(), object.get(p.getKey()));
                }
            });
        }
        value.forEach(item -> applyDefaults(schema.path("items"), item));
    }

    private void check(String path, JsonNode schema, JsonNode value) {
        String type = schema.path("type").asText();
        String given = typeOf(value);
        if (!type.isEmpty() && !type.equals(given) && !(type.equals("number") && given.equals("integer"))) {
            isUnreadable = true;
            complain(
                    path,
                    "Invalid value: \"%s\": %s in body must be of type %s: \"%s\""
                            .formatted(given, path.substring(1), type, given));
            checkEnum(path, schema, value);
            return;
        }
        switch (type) {
            case "object" -> checkObject(path, schema, value);
            case "array" -> checkArray(path, schema, value);
            case "string" -> checkString(path, schema, value);
            case "integer" -> {
                long number = value.longValue();
                atLeast(path, schema, "minimum", number, "be greater than or equal to %d");
                if (schema.has("maximum") && number > schema.get("maximum").longValue()) {
                    body(path, number, "be less than or equal to " + schema.get("maximum"));
                }
            }
            default -> {}
        }
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case ARRAY -> "array";
            default -> "object";
        };
    }

    private void checkObject(String path, JsonNode schema, JsonNode value) {
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                isUnreadable = true;
                complain(path + "." + name.asText(), "Required value");
            }
        });
        atLeast(path, schema, "minProperties", value.size(), "have at least %d properties");
        if (schema.has("maxProperties")
                && value.size() > schema.get("maxProperties").intValue()) {
            tooMany(path, value.size(), schema.get("maxProperties"));
        }
        value.properties().forEach(p -> {
            String below = path + "." + p.getKey();
            JsonNode property = schema.path("properties").path(p.getKey());
            if (property.isMissingNode() && schema.has("properties")) {
                unknown.add("unknown field \"" + below.substring(1) + "\"");
            } else {
                check(below, property.isMissingNode() ? schema.path("additionalProperties") : property, p.getValue());
            }
        });
    }

    private void checkArray(String path, JsonNode schema, JsonNode value) {
        atLeast(path, schema, "minItems", value.size(), "have at least %d items");
        if (schema.has("maxItems") && value.size() > schema.get("maxItems").intValue()) {
            tooMany(path, value.size(), schema.get("maxItems"));
        }
        JsonNode keys = schema.path("x-kubernetes-list-map-keys");
        boolean isSet = schema.path("x-kubernetes-list-type").asText().equals("set");
        Set<JsonNode> seen = new HashSet<>();
        for (int i = 0; i < value.size(); i++) {
            String item = path + "[" + i + "]";
            check(item, schema.path("items"), value.get(i));
            JsonNode identity = isSet ? value.get(i) : identity(keys, value.get(i));
            if ((isSet || !keys.isMissingNode()) && !seen.add(identity)) {
                complain(item, "Duplicate value: " + identity);
            }
        }
    }

    private static JsonNode identity(JsonNode keys, JsonNode item) {
        ObjectNode identity = JSON.createObjectNode();
        keys.forEach(key -> identity.set(key.asText(), item.path(key.asText())));
        return identity;
    }

    private void checkString(String path, JsonNode schema, JsonNode value) {
        String text = value.asText();
        if (schema.has("minLength") && text.length() < schema.get("minLength").intValue()) {
            body(path, value, "be at least " + schema.get("minLength") + " chars long");
        }
        if (schema.has("maxLength") && text.length() > schema.get("maxLength").intValue()) {
            isUnreadable = true;
            complain(path, "Too long: may not be more than " + schema.get("maxLength") + " bytes");
        }
        String pattern = schema.path("pattern").asText();
        if (!Pattern.compile(pattern).matcher(text).find()) {
            body(path, value, "match '" + pattern + "'");
        }
        checkEnum(path, schema, value);
    }

    private void checkEnum(String path, JsonNode schema, JsonNode value) {
        if (schema.has("enum") && !schema.path("enum").valueStream().toList().contains(value)) {
            isUnreadable = true;
            String words =
                    schema.path("enum").valueStream().map(JsonNode::toString).collect(Collectors.joining(", "));
            complain(path, "Unsupported value: " + value + ": supported values: " + words);
        }
    }

    private void atLeast(String path, JsonNode schema, String limit, long value, String words) {
        if (schema.has(limit) && value < schema.get(limit).longValue()) {
            body(path, value, words.formatted(schema.get(limit).longValue()));
        }
    }

    private void tooMany(String path, int size, JsonNode most) {
        isUnreadable = true;
        complain(path, "Too many: " + size + ": must have at most " + most + " items");
    }

    private void body(String path, Object value, String shouldBe) {
        complain(path, "Invalid value: " + value + ": " + path.substring(1) + " in body should " + shouldBe);
    }

    private void checkRules(String path, JsonNode schema, JsonNode value) {
        schema.path("x-kubernetes-validations").forEach(rule -> checkRule(path, rule, value));
        value.properties().forEach(p -> {
            JsonNode property = schema.path("properties").path(p.getKey());
            if (property.isMissingNode()) {
                checkRules(path + "[" + p.getKey() + "]", schema.path("additionalProperties"), p.getValue());
            } else {
                checkRules(path + "." + p.getKey(), property, p.getValue());
            }
        });
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                checkRules(path + "[" + i + "]", schema.path("items"), value.get(i));
            }
        }
    }

    private void checkRule(String path, JsonNode rule, JsonNode value) {
        if (!Boolean.TRUE.equals(evaluate(rule.path("rule").asText(), value))) {
            String message = rule.has("messageExpression")
                    ? String.valueOf(evaluate(rule.path("messageExpression").asText(), value))
                    : rule.path("message").asText();
            // Of objects and lists the API server does not say what they are.
            complain(path, "Invalid value: " + (value.isValueNode() ? value + ": " : "") + message);
        }
    }

    private static Object evaluate(String expression, JsonNode self) {
        try {
            var ast = CEL.compile(expression).getAst();
            return CEL.createProgram(ast).eval(Map.of("self", JSON.convertValue(self, Object.class)));
        } catch (Exception e) {
            throw new AssertionError("The API server could not judge " + self + " by " + expression, e);
        }
    }

    private void complain(String path, String message) {
        complaints.add(path.substring(1) + ": " + message);
    }
}
