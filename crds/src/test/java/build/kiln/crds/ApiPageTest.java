package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Holds `docs/api.md` to the CRD. With `-Dkiln.regenerate=true` it writes it instead.
class ApiPageTest {

    private static final String COMMAND = "./mvnw -q -pl crds test -Dtest=ApiPageTest -Dkiln.regenerate=true";
    private static final Path PAGE = Path.of("..", "docs", "api.md");

    /// Kubernetes' own types: their fields are described where they are at home.
    private static final Set<String> KUBERNETES = Set.of(
            "spec.pod.affinity",
            "spec.pod.env[]",
            "spec.pod.imagePullSecrets[]",
            "spec.pod.resources",
            "spec.pod.tolerations[]",
            "spec.pod.topologySpreadConstraints[]");

    @Test
    void thePageIsTheCrds() throws IOException {
        String page = page();
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/api.md is not what the CRD says. Run: %s", COMMAND)
                .isEqualTo(page);
    }

    private static String page() {
        List<String> lines = new ArrayList<>();
        lines.add("""
                # The API: ImageBuild, kiln.build/v1alpha1

                Generated from the CRD; to make it again: `%s`.
                `kubectl explain imagebuild.spec` says the same. What the operator makes of it: [operator.md](operator.md).
                """.formatted(COMMAND));
        section(lines, "spec", "The desired state");
        section(lines, "status", "The state, written by the operator alone");
        return String.join("\n", lines) + "\n";
    }

    private static void section(List<String> lines, String name, String title) {
        lines.add("## " + name + ": " + title.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + title.substring(1));
        lines.add("");
        lines.add("| field | type | default | meaning |");
        lines.add("| --- | --- | --- | --- |");
        fields(lines, name, CrdTest.SCHEMA.path("properties").path(name));
        lines.add("");
    }

    private static void fields(List<String> lines, String path, JsonNode schema) {
        Set<String> required = new TreeSet<>();
        schema.path("required").forEach(r -> required.add(r.asText()));
        schema.path("properties").properties().forEach(p -> {
            JsonNode field = p.getValue();
            String below = path + "." + p.getKey();
            lines.add("| `%s` | %s | %s | %s |"
                    .formatted(
                            below,
                            type(field),
                            field.has("default")
                                    ? "`" + field.get("default").asText() + "`"
                                    : required.contains(p.getKey()) ? "*required*" : "",
                            meaning(field)));
            if (field.has("items")) {
                nested(lines, below + "[]", field.path("items"));
            } else {
                nested(lines, below, field);
            }
        });
    }

    private static void nested(List<String> lines, String path, JsonNode schema) {
        if (!KUBERNETES.contains(path)) {
            fields(lines, path, schema);
        }
    }

    private static String type(JsonNode schema) {
        if (schema.has("items")) {
            return "list of " + type(schema.path("items"));
        }
        if (schema.has("additionalProperties")) {
            return "map to " + type(schema.path("additionalProperties"));
        }
        if (schema.has("enum")) {
            return String.join(
                    ", ",
                    schema.path("enum")
                            .valueStream()
                            .map(e -> "`" + e.asText() + "`")
                            .toList());
        }
        return schema.path("format").asText().equals("date-time")
                ? "time"
                : schema.path("type").asText();
    }

    private static String meaning(JsonNode schema) {
        List<String> sentences = new ArrayList<>();
        sentences.add(schema.path("description").asText());
        if (schema.has("minimum") && schema.has("maximum")) {
            sentences.add("From " + schema.path("minimum") + " to " + schema.path("maximum") + ".");
        }
        return String.join(" ", sentences).replace("|", "\\|");
    }
}
