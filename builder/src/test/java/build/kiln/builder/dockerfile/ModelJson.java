package build.kiln.builder.dockerfile;

import build.kiln.builder.dockerfile.parser.LineRange;
import build.kiln.builder.dockerfile.parser.Origin;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Writes the typed model as JSON, each record under its name, empty values left out.
final class ModelJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ModelJson() {}

    static String write(Dockerfile dockerfile) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json(dockerfile)) + "\n";
        } catch (ReflectiveOperationException | java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(Object value) throws ReflectiveOperationException {
        return switch (value) {
            case LineRange range -> NODES.textNode(range.first() + "-" + range.last());
            case Origin origin -> origin(origin);
            case Record instance -> record(instance);
            case Collection<?> collection -> {
                ArrayNode array = NODES.arrayNode();
                for (Object element : collection instanceof java.util.Set ? new TreeSet<>(collection) : collection) {
                    array.add(json(element));
                }
                yield array;
            }
            case Boolean bool -> NODES.booleanNode(bool);
            case Integer number -> NODES.numberNode(number);
            default -> NODES.textNode(value.toString());
        };
    }

    private static JsonNode origin(Origin origin) {
        ObjectNode json = NODES.objectNode();
        json.put("lines", origin.lines().first() + "-" + origin.lines().last());
        json.put("text", origin.text());
        if (!origin.comments().isEmpty()) {
            json.put("comments", String.join("|", origin.comments()));
        }
        return json;
    }

    private static JsonNode record(Record instance) throws ReflectiveOperationException {
        ObjectNode json = NODES.objectNode();
        json.put("is", instance.getClass().getSimpleName());
        for (RecordComponent component : instance.getClass().getRecordComponents()) {
            component.getAccessor().setAccessible(true);
            Object value = component.getAccessor().invoke(instance);
            if (isWorthShowing(component, value)) {
                json.set(component.getName(), json(value));
            }
        }
        return json;
    }

    private static boolean isWorthShowing(RecordComponent component, @Nullable Object value) {
        if (value == null || (component.getType() == boolean.class && value.equals(false))) {
            return false;
        }
        boolean mountsPlace = component.getDeclaringRecord().getSimpleName().equals("MountFlag");
        return !(mountsPlace && value instanceof Origin)
                && !(value instanceof String text && text.isEmpty())
                && !(value instanceof Collection<?> collection && collection.isEmpty());
    }
}
