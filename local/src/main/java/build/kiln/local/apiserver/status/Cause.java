package build.kiln.local.apiserver.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;

/// One thing that is wrong with one field, worded as Kubernetes words it.
///
/// @param field the path, such as `spec.source.git.url`
public record Cause(String reason, String field, String message) {

    public static Cause required(String field, String detail) {
        return new Cause("FieldValueRequired", field, "Required value" + after(detail));
    }

    public static Cause invalid(String field, JsonNode value, String detail) {
        return new Cause("FieldValueInvalid", field, "Invalid value: " + shortened(value) + after(detail));
    }

    public static Cause type(String field, JsonNode value, String detail) {
        return new Cause("FieldValueTypeInvalid", field, "Invalid value: " + shortened(value) + after(detail));
    }

    public static Cause notSupported(String field, JsonNode value, List<String> valid) {
        String choices = valid.stream().map(one -> "\"" + one + "\"").collect(Collectors.joining(", "));
        return new Cause(
                "FieldValueNotSupported",
                field,
                "Unsupported value: " + shortened(value) + ": supported values: " + choices);
    }

    public static Cause forbidden(String field, String detail) {
        return new Cause("FieldValueForbidden", field, "Forbidden" + after(detail));
    }

    public static Cause duplicate(String field, JsonNode value) {
        return new Cause("FieldValueDuplicate", field, "Duplicate value: " + shortened(value));
    }

    @Override
    public String toString() {
        return field + ": " + message;
    }

    private static String after(String detail) {
        return detail.isEmpty() ? "" : ": " + detail;
    }

    private static String shortened(JsonNode value) {
        String text = value.toString();
        return text.length() <= 500 ? text : text.substring(0, 500) + "...";
    }
}
