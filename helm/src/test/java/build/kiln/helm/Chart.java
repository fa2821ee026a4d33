package build.kiln.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The chart, as Helm makes objects of it for the release `kiln` in the namespace `kiln`.
final class Chart {

    static final Path FOLDER = Path.of("kiln");
    private static final Path VALUES = Path.of("src", "test", "values");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Chart() {}

    /// What Helm renders.
    ///
    /// @param values a file of `src/test/values`, without its ending
    /// @throws IllegalStateException with Helm's own words
    static String text(String values) {
        return template().withValuesFile(VALUES.resolve(values + ".yaml")).call();
    }

    /// The rendered objects.
    static List<JsonNode> objects(String values) {
        return parse(text(values));
    }

    /// The rendered objects, with these values only.
    ///
    /// @param file with values, somewhere
    static List<JsonNode> objects(Path file) {
        return parse(template().withValuesFile(file).call());
    }

    static List<JsonNode> objectsOf(String values, String kind) {
        return objects(values).stream()
                .filter(o -> o.path("kind").asText().equals(kind))
                .toList();
    }

    /// The one rendered object of this kind.
    static JsonNode object(String values, String kind) {
        List<JsonNode> found = objectsOf(values, kind);
        if (found.size() != 1) {
            throw new AssertionError(
                    values + ".yaml gives " + found.size() + " objects of the kind " + kind + ", not one.");
        }
        return found.getFirst();
    }

    private static TemplateCommand template() {
        return new Helm(FOLDER)
                .template()
                .withName("kiln")
                .withNamespace("kiln")
                .withKubeVersion("1.33.0");
    }

    /// All documents of a YAML file that are no comments only.
    static List<JsonNode> parse(String text) {
        try (YAMLParser parser = new YAMLFactory().createParser(text);
                MappingIterator<JsonNode> documents = YAML.readValues(parser, JsonNode.class)) {
            return documents.readAll().stream().filter(JsonNode::isObject).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Every value in the document, with its path: `spec.replicas`.
    static Stream<String> paths(JsonNode node, String path) {
        if (!node.isObject() || node.isEmpty()) {
            return Stream.of(path);
        }
        return node.propertyStream()
                .flatMap(field ->
                        paths(field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey()));
    }
}
