package build.kiln.builder.source.ignore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.ConformanceData;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.source.DockerIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The reference implementation's verdicts.
class IgnoreConformanceTest {

    @Test
    void everyPathIsInOrOutAsTheReferenceSays() {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : ConformanceData.lines("parser/dockerignore-match.jsonl")) {
            DockerIgnore rules;
            try {
                rules = IgnoreFile.ofPatterns(".dockerignore", texts(line.get("patterns")));
            } catch (DockerfileFailure e) {
                if (!line.has("new_error")) {
                    differences.add(line + " refused: " + e.getMessage());
                }
                continue;
            }
            if (line.has("new_error")) {
                differences.add(line + " accepted");
            } else if (rules.ignores(PathText.clean(line.get("path").asText()))
                    != line.get("matches_or_parent").asBoolean()) {
                differences.add(line.toString());
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void everyFileHasTheReferencesPatterns() {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : ConformanceData.lines("parser/dockerignore-read.jsonl")) {
            List<String> patterns =
                    IgnoreFile.lines(".dockerignore", line.get("input").asText().getBytes(UTF_8)).stream()
                            .map(IgnoreFile.Line::pattern)
                            .toList();
            if (!patterns.equals(texts(line.get("patterns")))) {
                differences.add(line + " read as " + patterns);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }
}
