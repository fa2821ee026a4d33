package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `values.yaml` and `values.schema.json` know the same keys, and no other is let through.
class ValuesTest {

    private static final Path SCHEMA = Chart.FOLDER.resolve("values.schema.json");

    @Test
    void theSchemaDescribesWhatTheValuesHave() throws IOException {
        JsonNode values = Chart.parse(Files.readString(Chart.FOLDER.resolve("values.yaml")))
                .getFirst();
        JsonNode schema = new ObjectMapper().readTree(SCHEMA.toFile());
        List<String> described = new ArrayList<>();
        leaves(schema, "", described);
        List<String> free = described.stream()
                .filter(p -> p.endsWith(".*"))
                .map(p -> p.substring(0, p.length() - 2))
                .toList();
        List<String> known = described.stream().filter(p -> !p.endsWith(".*")).toList();
        assertThat(Chart.paths(values, "").map(p -> inFreePart(p, free)).distinct())
                .containsExactlyInAnyOrderElementsOf(java.util.stream.Stream.concat(known.stream(), free.stream())
                        .toList());
    }

    private static String inFreePart(String path, List<String> free) {
        return free.stream()
                .filter(f -> path.equals(f) || path.startsWith(f + "."))
                .findFirst()
                .orElse(path);
    }

    /// The paths of all values; of an object whose keys are the user's own, or Kubernetes', with `.*` at its end.
    private static void leaves(JsonNode schema, String path, List<String> leaves) {
        JsonNode properties = schema.path("properties");
        if (properties.isMissingNode()) {
            leaves.add(schema.path("type").asText().equals("object") ? path + ".*" : path);
            return;
        }
        assertThat(schema.path("additionalProperties").isBoolean()).as(path).isTrue();
        assertThat(schema.path("additionalProperties").asBoolean()).as(path).isFalse();
        properties
                .properties()
                .forEach(field -> leaves(
                        field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey(), leaves));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas: 3                               | replicas",
                "operator: {replica: 3}                    | replica",
                "operator: {replicas: 0}                   | minimum",
                "operator: {image: {digest: latest}}       | pattern",
                "builder: {cache: {sise: 1Gi}}             | sise",
                "builder: {isolation: {minimum: none}}     | userns",
                "builder: {cache: {maxSize: 40}}           | string",
                "networkPolicy: {blocked: [169.254.169.254]} | pattern",
                "monitoring: {serviceMonitor: {interval: 30}} | string",
            })
    void whatTheSchemaDoesNotKnowIsRefused(String values, String word, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("values.yaml"), values);
        assertThatThrownBy(() -> Chart.objects(file))
                .hasMessageContaining("values don't meet the specifications of the schema")
                .hasMessageContaining(word);
    }
}
