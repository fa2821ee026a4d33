package build.kiln.builder.dockerfile.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.ConformanceData;
import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.failure.DockerfileFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The reference implementation's parse trees.
class TreeConformanceTest {

    @Test
    void everyDockerfileHasTheReferencesTree() {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : ConformanceData.lines("parser/ast.jsonl")) {
            String difference = compareTree(line);
            if (difference != null) {
                differences.add(line.get("source").asText() + ": " + line.get("dockerfile") + "\n  " + difference);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static @Nullable String compareTree(JsonNode line) {
        SyntaxTree tree;
        try {
            tree = SyntaxTree.parse("Dockerfile", bytes(line));
        } catch (DockerfileFailure e) {
            return line.has("parse_error") ? null : "refused: " + e.getMessage();
        }
        if (line.has("parse_error")) {
            return "accepted, but the reference says " + line.get("parse_error");
        }
        String dump = TreeDump.parentheses(tree);
        if (!dump.equals(line.get("dump").asText())) {
            return "dump is\n" + dump + "\nand should be\n" + line.get("dump").asText();
        }
        JsonNode expected = withoutBlanksAtEnds(line.get("ast"));
        JsonNode actual = TreeDump.json(tree);
        if (!actual.equals(expected)) {
            return "tree is\n" + actual + "\nand should be\n" + expected;
        }
        if (tree.escape() != line.get("escape").asText().charAt(0)) {
            return "escape is " + tree.escape();
        }
        int warnings = line.has("warnings") ? line.get("warnings").size() : 0;
        return tree.emptyContinuations().size() == warnings ? null : "warnings: " + tree.emptyContinuations();
    }

    /// The reference keeps an instruction's text with blanks at its ends, and cuts them off wherever it uses it.
    private static JsonNode withoutBlanksAtEnds(JsonNode tree) {
        for (JsonNode node : tree) {
            ((ObjectNode) node).put("original", node.get("original").asText().strip());
        }
        return tree;
    }

    @Test
    void everyDockerfileHasTheReferencesStagesOrIsRefused() {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : ConformanceData.lines("parser/ast.jsonl")) {
            String difference = compareStages(line);
            if (difference != null) {
                differences.add(line.get("source").asText() + ": " + line.get("dockerfile") + "\n  " + difference);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static @Nullable String compareStages(JsonNode line) {
        // The reference finds out later that there is nothing to build.
        boolean refused = line.has("parse_error")
                || line.has("instructions_error")
                || line.get("stages").isEmpty();
        Dockerfile dockerfile;
        try {
            dockerfile = Dockerfile.parse("Dockerfile", bytes(line));
        } catch (DockerfileFailure e) {
            return refused ? null : "refused: " + e.getMessage();
        }
        if (refused) {
            return "accepted, but the reference says " + line.get("instructions_error");
        }
        ArrayNode stages = JsonNodeFactory.instance.arrayNode();
        for (Stage stage : dockerfile.stages()) {
            ObjectNode json = stages.addObject();
            json.put("base", stage.base());
            json.put("name", stage.name());
            json.put("platform", stage.platform());
            ArrayNode commands = json.putArray("commands");
            stage.instructions().forEach(one -> commands.add(one.origin().keyword()));
        }
        JsonNode expected = withEmptyLists(line.get("stages"));
        if (!stages.equals(expected)) {
            return "stages are\n" + stages + "\nand should be\n" + expected;
        }
        return dockerfile.globalArgs().size() == line.get("meta_args").asInt() ? null : "global ARGs differ";
    }

    private static JsonNode withEmptyLists(JsonNode stages) {
        for (JsonNode stage : stages) {
            if (stage.get("commands").isNull()) {
                ((ObjectNode) stage).putArray("commands");
            }
        }
        return stages;
    }

    @Test
    void referencesOwnFilesHaveTheirDump() throws IOException {
        try (var cases = Files.list(ConformanceData.path("parser/testfiles"))) {
            for (Path folder : cases.sorted().toList()) {
                SyntaxTree tree = SyntaxTree.parse("Dockerfile", Files.readAllBytes(folder.resolve("Dockerfile")));
                assertThat(TreeDump.parentheses(tree))
                        .as(folder.getFileName().toString())
                        .isEqualTo(Files.readString(folder.resolve("result")).strip());
            }
        }
    }

    @Test
    void referencesNegativeFilesAreRefused() throws IOException {
        try (var cases = Files.list(ConformanceData.path("parser/testfiles-negative"))) {
            for (Path folder : cases.sorted().toList()) {
                byte[] text = Files.readAllBytes(folder.resolve("Dockerfile"));
                assertThatThrownBy(() -> Dockerfile.parse("Dockerfile", text))
                        .as(folder.getFileName().toString())
                        .isInstanceOf(DockerfileFailure.class);
            }
        }
    }

    private static byte[] bytes(JsonNode line) {
        return line.get("dockerfile").asText().getBytes(UTF_8);
    }
}
