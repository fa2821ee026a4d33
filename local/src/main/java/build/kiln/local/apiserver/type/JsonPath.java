package build.kiln.local.apiserver.type;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The part of Kubernetes' JSONPath that columns use: `.a.b`, `['a.b']`, `[0]` and `[?(@.type=="Ready")]`.
public final class JsonPath {

    private static final Pattern STEP = Pattern.compile(
            "\\.([^.\\[\\]]+)|\\['([^']+)']|\\[(\\d+)]|\\[\\?\\(@\\.([\\w.]+)\\s*==\\s*[\"']([^\"']*)[\"']\\)]");

    private sealed interface Step {
        record Field(String name) implements Step {}

        record Index(int index) implements Step {}

        record Where(String field, String value) implements Step {}
    }

    private final List<Step> steps;

    private JsonPath(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /// @throws IllegalArgumentException if the path uses more than is known here
    public static JsonPath parse(String text) {
        List<Step> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new IllegalArgumentException(
                        "the JSONPath \"" + text + "\" is not understood at \"" + text.substring(at) + "\"");
            }
            steps.add(step(matcher));
            at = matcher.end();
        }
        return new JsonPath(steps);
    }

    private static Step step(Matcher matcher) {
        if (matcher.group(1) != null) {
            return new Step.Field(matcher.group(1));
        }
        if (matcher.group(2) != null) {
            return new Step.Field(matcher.group(2));
        }
        return matcher.group(3) != null
                ? new Step.Index(Integer.parseInt(matcher.group(3)))
                : new Step.Where(matcher.group(4), matcher.group(5));
    }

    /// The first value at this path, or a missing node.
    public JsonNode of(JsonNode object) {
        JsonNode at = object;
        for (Step step : steps) {
            at = switch (step) {
                case Step.Field(String name) -> at.path(name);
                case Step.Index(int index) -> at.path(index);
                case Step.Where(String field, String value) -> where(at, field, value);
            };
        }
        return at;
    }

    private static JsonNode where(JsonNode array, String field, String value) {
        for (JsonNode item : array) {
            if (item.at("/" + field.replace('.', '/')).asText("").equals(value)) {
                return item;
            }
        }
        return MissingNode.getInstance();
    }
}
