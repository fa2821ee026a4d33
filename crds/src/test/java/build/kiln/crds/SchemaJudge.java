package build.kiln.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Judges a resource by the CRD's schema as an API server does, CEL rules included: defaults first, then types, sizes,
/// patterns and rules. It knows what this CRD uses of OpenAPI.
final class SchemaJudge {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Cel CEL = CelFactory.standardCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("self", SimpleType.DYN)
            .build();

    private final List<String> complaints = new ArrayList<>();

    private SchemaJudge() {}

    /// What is wrong, each as `path: message`; empty if the resource is good.
    static List<String> judge(ObjectNode schema, JsonNode resource) {
        JsonNode defaulted = resource.deepCopy();
        applyDefaults(schema, defaulted);
        var judge = new SchemaJudge();
        judge.check("", schema, defaulted);
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
        int before = complaints.size();
        switch (schema.path("type").asText()) {
            case "object" -> checkObject(path, schema, value);
            case "array" -> {
                limit(path, schema, "minItems", "maxItems", value.size(), "items");
                if (schema.path("x-kubernetes-list-type").asText().equals("set")
                        && value.valueStream().distinct().count() != value.size()) {
                    complain(path, "has an item twice");
                }
                for (int i = 0; i < value.size(); i++) {
                    check(path + "[" + i + "]", schema.path("items"), value.get(i));
                }
            }
            case "string" -> checkString(path, schema, value);
            case "integer" -> {
                if (!value.isIntegralNumber()) {
                    complain(path, "is not an integer");
                } else {
                    limit(path, schema, "minimum", "maximum", value.longValue(), "");
                }
            }
            case "boolean" -> {
                if (!value.isBoolean()) {
                    complain(path, "is not a boolean");
                }
            }
            default -> {}
        }
        // Like the API server: what has the wrong shape is not shown to the rules.
        if (complaints.size() == before) {
            schema.path("x-kubernetes-validations").forEach(rule -> checkRule(path, rule, value));
        }
    }

    private void checkObject(String path, JsonNode schema, JsonNode value) {
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                complain(path + "." + name.asText(), "is required");
            }
        });
        limit(path, schema, "minProperties", "maxProperties", value.size(), "keys");
        JsonNode values = schema.path("additionalProperties");
        value.properties().forEach(p -> {
            JsonNode property = schema.path("properties").path(p.getKey());
            check(path + "." + p.getKey(), property.isMissingNode() ? values : property, p.getValue());
        });
    }

    private void checkString(String path, JsonNode schema, JsonNode value) {
        if (!value.isTextual()) {
            complain(path, "is not a string");
            return;
        }
        limit(path, schema, "minLength", "maxLength", value.asText().length(), "characters");
        if (schema.has("pattern")
                && !Pattern.compile(schema.path("pattern").asText())
                        .matcher(value.asText())
                        .find()) {
            complain(path, "does not match " + schema.path("pattern").asText());
        }
        if (schema.has("enum") && !schema.path("enum").valueStream().toList().contains(value)) {
            complain(path, "is none of " + schema.path("enum"));
        }
    }

    private void limit(String path, JsonNode schema, String min, String max, long value, String unit) {
        if (schema.has(min) && value < schema.get(min).longValue()) {
            complain(path, ("is " + value + ", at least " + schema.get(min).longValue() + " " + unit).strip());
        }
        if (schema.has(max) && value > schema.get(max).longValue()) {
            complain(path, ("is " + value + ", at most " + schema.get(max).longValue() + " " + unit).strip());
        }
    }

    private void checkRule(String path, JsonNode rule, JsonNode value) {
        try {
            var ast = CEL.compile(rule.path("rule").asText()).getAst();
            Object verdict = CEL.createProgram(ast).eval(Map.of("self", JSON.convertValue(value, Object.class)));
            if (!Boolean.TRUE.equals(verdict)) {
                complain(path, rule.path("message").asText());
            }
        } catch (Exception e) {
            throw new AssertionError("The rule of " + path + " cannot be judged: " + rule.path("rule"), e);
        }
    }

    private void complain(String path, String message) {
        complaints.add(path.replaceFirst("^\\.", "") + ": " + message);
    }
}
