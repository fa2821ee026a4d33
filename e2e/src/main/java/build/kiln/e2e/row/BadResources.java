package build.kiln.e2e.row;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/// What the API server says to each resource of the table of bad ones, `bad-resources.yaml` beside this class: all of
/// it,
/// word for word.
final class BadResources implements Row {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Override
    public String name() {
        return "bad-resources";
    }

    @Override
    public String claim() {
        return "The API server refuses what cannot be meant, and says which field it is, what it saw and what it"
                + " expects";
    }

    @Override
    public String tryIn(Stage stage) {
        String namespace = Stage.namespace(stage.run(), name());
        Differences differences = new Differences();
        for (JsonNode row : table()) {
            List<String> said = stage.cluster().complaints(namespace, resource(row.path("spec")));
            List<String> expected = row.path("says")
                    .valueStream()
                    .map(JsonNode::asText)
                    .sorted()
                    .toList();
            differences.equal("What is said to " + row.path("spec"), said, expected);
        }
        differences.throwIfAny("");
        return "";
    }

    private static JsonNode table() {
        try (InputStream in = BadResources.class.getResourceAsStream("bad-resources.yaml")) {
            return YAML.readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException("The table of bad resources is not well formed.", e);
        }
    }

    /// @param spec a good one's fields are added to it; a field that is null is taken out
    private static JsonNode resource(JsonNode spec) {
        ObjectNode resource = YAML.createObjectNode();
        resource.put("apiVersion", "kiln.build/v1alpha1").put("kind", "ImageBuild");
        resource.putObject("metadata").put("name", "it");
        ObjectNode whole = resource.putObject("spec");
        whole.putObject("source").putObject("volume").put("claimName", "a");
        whole.putObject("output").put("image", "registry.example.com/web:1");
        spec.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                whole.remove(field.getKey());
            } else {
                whole.set(field.getKey(), field.getValue());
            }
        });
        return resource;
    }
}
