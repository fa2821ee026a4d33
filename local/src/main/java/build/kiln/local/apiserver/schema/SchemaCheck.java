package build.kiln.local.apiserver.schema;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.status.Cause;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Compares one value with one schema, and collects what does not fit.
final class SchemaCheck {

    private final List<Cause> causes;

    SchemaCheck(List<Cause> causes) {
        this.causes = causes;
    }

    void check(JsonNode schema, JsonNode value, String path) {
        if (value.isNull()) {
            if (!StructuralSchema.isTrue(schema, "nullable") && schema.has("type")) {
                causes.add(Cause.type(
                        path, value, bodyMustBe(path, schema.path("type").asText()) + ": \"null\""));
            }
            return;
        }
        if (!hasType(schema, value)) {
            causes.add(Cause.type(path, value, bodyMustBe(path, expectedType(schema)) + ": \"" + typeOf(value) + "\""));
            return;
        }
        checkEnum(schema, value, path);
        if (value.isTextual()) {
            checkText(schema, value, path);
        } else if (value.isNumber()) {
            checkNumber(schema, value, path);
        } else if (value.isArray()) {
            checkArray(schema, value, path);
        } else if (value.isObject()) {
            checkObject(schema, value, path);
        }
        checkCombinations(schema, value, path);
    }

    private static String bodyMustBe(String path, String type) {
        return path + " in body must be of type " + type;
    }

    private static String expectedType(JsonNode schema) {
        return StructuralSchema.isTrue(schema, "x-kubernetes-int-or-string")
                ? "integer,string"
                : schema.path("type").asText();
    }

    private static boolean hasType(JsonNode schema, JsonNode value) {
        if (StructuralSchema.isTrue(schema, "x-kubernetes-int-or-string")) {
            return value.isIntegralNumber() || value.isTextual();
        }
        return switch (schema.path("type").asText("")) {
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            default -> true;
        };
    }

    private static String typeOf(JsonNode value) {
        if (value.isNumber()) {
            return value.isIntegralNumber() ? "integer" : "number";
        }
        return value.isTextual() ? "string" : value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private void checkEnum(JsonNode schema, JsonNode value, String path) {
        JsonNode valid = schema.path("enum");
        if (!valid.isArray()) {
            return;
        }
        for (JsonNode one : valid) {
            if (Json.same(one, value)) {
                return;
            }
        }
        causes.add(Cause.notSupported(path, value, Json.strings(valid)));
    }

    private void checkText(JsonNode schema, JsonNode value, String path) {
        String text = value.textValue();
        int length = text.codePointCount(0, text.length());
        if (schema.has("minLength") && length < schema.get("minLength").asInt()) {
            String atLeast = " in body should be at least " + schema.get("minLength") + " chars long";
            causes.add(Cause.invalid(path, value, path + atLeast));
        }
        if (schema.has("maxLength") && length > schema.get("maxLength").asInt()) {
            causes.add(new Cause(
                    "FieldValueTooLong", path, "Too long: may not be more than " + schema.get("maxLength") + " bytes"));
        }
        String pattern = schema.path("pattern").asText("");
        if (!pattern.isEmpty() && !Pattern.compile(pattern).matcher(text).find()) {
            causes.add(Cause.invalid(path, value, path + " in body should match '" + pattern + "'"));
        }
        String format = schema.path("format").asText("");
        if (format.equals("date-time") && !isDateTime(text)) {
            causes.add(Cause.invalid(path, value, path + " in body must be of type date-time: " + value));
        }
    }

    private static boolean isDateTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private void checkNumber(JsonNode schema, JsonNode value, String path) {
        BigDecimal number = value.decimalValue();
        checkBound(schema, "minimum", "exclusiveMinimum", value, path, bound -> number.compareTo(bound) > 0);
        checkBound(schema, "maximum", "exclusiveMaximum", value, path, bound -> number.compareTo(bound) < 0);
        String format = schema.path("format").asText("");
        boolean fits = switch (format) {
            case "int32" -> value.canConvertToInt();
            case "int64" -> value.canConvertToLong();
            default -> true;
        };
        if (!fits) {
            causes.add(Cause.invalid(path, value, path + " in body must be of type " + format));
        }
    }

    private void checkBound(
            JsonNode schema,
            String bound,
            String exclusive,
            JsonNode value,
            String path,
            Predicate<BigDecimal> inside) {
        if (!schema.has(bound)) {
            return;
        }
        BigDecimal limit = schema.get(bound).decimalValue();
        boolean strict = StructuralSchema.isTrue(schema, exclusive);
        if (inside.test(limit) || (!strict && limit.compareTo(value.decimalValue()) == 0)) {
            return;
        }
        String side = bound.equals("minimum") ? "greater than" : "less than";
        String wording = " in body should be " + side + (strict ? " " : " or equal to ") + schema.get(bound);
        causes.add(Cause.invalid(path, value, path + wording));
    }

    private void checkArray(JsonNode schema, JsonNode value, String path) {
        checkCount(schema, value, path, "items", "minItems", "maxItems");
        checkUnique(schema, value, path);
        for (int i = 0; i < value.size(); i++) {
            check(schema.path("items"), value.get(i), path + "[" + i + "]");
        }
    }

    private void checkCount(JsonNode schema, JsonNode value, String path, String what, String least, String most) {
        if (schema.has(least) && value.size() < schema.get(least).asInt()) {
            String wording = " in body should have at least " + schema.get(least) + " " + what;
            causes.add(Cause.invalid(path, value, path + wording));
        }
        if (schema.has(most) && value.size() > schema.get(most).asInt()) {
            String wording = "Too many: " + value.size() + ": must have at most " + schema.get(most) + " " + what;
            causes.add(new Cause("FieldValueTooMany", path, wording));
        }
    }

    private void checkUnique(JsonNode schema, JsonNode value, String path) {
        ListShape.Merge merge = new SchemaListShape(schema).merge();
        Set<List<JsonNode>> seen = new HashSet<>();
        for (int i = 0; i < value.size(); i++) {
            JsonNode item = value.get(i);
            List<JsonNode> identity = switch (merge) {
                case ListShape.Merge.Atomic() -> List.of();
                case ListShape.Merge.AsSet() -> List.of(item);
                case ListShape.Merge.ByKeys(List<String> keys) ->
                    keys.stream().map(item::path).toList();
            };
            if (!identity.isEmpty() && !seen.add(identity)) {
                causes.add(Cause.duplicate(path + "[" + i + "]", item));
            }
        }
    }

    private void checkObject(JsonNode schema, JsonNode value, String path) {
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                causes.add(Cause.required(path + "." + required.asText(), ""));
            }
        }
        checkCount(schema, value, path, "properties", "minProperties", "maxProperties");
        JsonNode properties = schema.path("properties");
        value.properties().forEach(field -> {
            JsonNode child = properties.has(field.getKey())
                    ? properties.get(field.getKey())
                    : schema.path("additionalProperties");
            check(child, field.getValue(), path + "." + field.getKey());
        });
    }

    private void checkCombinations(JsonNode schema, JsonNode value, String path) {
        schema.path("allOf").forEach(each -> check(each, value, path));
        if (schema.has("anyOf") && matches(schema.get("anyOf"), value, path) == 0) {
            causes.add(Cause.invalid(path, value, path + " in body must validate at least one schema (anyOf)"));
        }
        if (schema.has("oneOf") && matches(schema.get("oneOf"), value, path) != 1) {
            causes.add(Cause.invalid(path, value, path + " in body must validate one and only one schema (oneOf)"));
        }
        if (schema.has("not") && fits(schema.get("not"), value, path)) {
            causes.add(Cause.invalid(path, value, path + " in body must not validate the schema (not)"));
        }
    }

    private static int matches(JsonNode schemas, JsonNode value, String path) {
        int count = 0;
        for (JsonNode each : schemas) {
            count += fits(each, value, path) ? 1 : 0;
        }
        return count;
    }

    private static boolean fits(JsonNode schema, JsonNode value, String path) {
        List<Cause> found = new ArrayList<>();
        new SchemaCheck(found).check(schema, value, path);
        return found.isEmpty();
    }
}
