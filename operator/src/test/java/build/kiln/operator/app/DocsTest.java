package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.policy.Reasons;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds the pages to the code.
class DocsTest {

    private static final Path DOCS = Path.of("..", "docs");
    static final Path CLUSTER_ROLE = Path.of("..", "helm", "kiln", "templates", "clusterrole.yaml");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

    @Test
    void everyReasonOfTheOperatorHasItsRow() throws IOException {
        String page = Files.readString(DOCS.resolve("errors.md"));
        String section = page.substring(page.indexOf("\n## Operator"));
        int end = section.indexOf("\n## ", 5);
        List<String> rows = firstCells(end < 0 ? section : section.substring(0, end));
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Reasons.values()).map(Reasons::name).toList());
    }

    @Test
    void everySettingHasItsRow() throws IOException {
        String page = Files.readString(DOCS.resolve("operator.md"));
        List<String> rows = firstCells(page).stream()
                .filter(c -> c.matches("(KILN|OTEL)_[A-Z_]+"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Settings.ALL.stream().map(Settings.Setting::name).toList());
        Settings.ALL.forEach(s -> assertThat(page).contains("| " + s.meaning() + " |"));
    }

    @Test
    void everyPermissionHasItsRowAndNoneIsForSecrets() throws IOException {
        String page = Files.readString(DOCS.resolve("operator.md"));
        List<String> expected = new ArrayList<>();
        for (JsonNode rule : clusterRole().path("rules")) {
            String group = rule.path("apiGroups").path(0).asText();
            String[] resource = rule.path("resources").path(0).asText().split("/", 2);
            String name =
                    resource[0] + (group.isEmpty() ? "" : "." + group) + (resource.length > 1 ? "/" + resource[1] : "");
            String verbs = String.join(
                    ", ", rule.path("verbs").valueStream().map(JsonNode::asText).toList());
            expected.add("| `" + name + "` | " + verbs + " |");
            assertThat(rule.path("apiGroups")).hasSize(1);
            assertThat(rule.path("resources")).hasSize(1);
        }
        expected.forEach(row -> assertThat(page).contains(row));
        assertThat(clusterRole().path("rules").toString())
                .doesNotContain("secrets")
                .doesNotContain("configmaps")
                .doesNotContain("*");
    }

    static JsonNode clusterRole() throws IOException {
        return Serialization.unmarshal(Files.readString(CLUSTER_ROLE), JsonNode.class);
    }

    private static List<String> firstCells(String text) {
        Matcher matcher = FIRST_CELL.matcher(text);
        List<String> cells = new ArrayList<>();
        while (matcher.find()) {
            cells.add(matcher.group(1));
        }
        return cells;
    }
}
