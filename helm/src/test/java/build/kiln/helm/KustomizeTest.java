package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The folder `base` is the chart with its defaults, for `kubectl apply -k`. With `-Dkiln.regenerate=true` it is
/// written instead.
class KustomizeTest {

    private static final Path BASE = Path.of("base");
    private static final String COMMAND = "./mvnw -q -pl helm -am test -Dtest=KustomizeTest -Dkiln.regenerate=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false";
    private static final String DEFINITION = "imagebuilds.kiln.build.yaml";

    @Test
    void theBaseIsTheChart() throws IOException {
        holds("operator.yaml", operator());
        holds(DEFINITION, Files.readString(Chart.FOLDER.resolve("crds").resolve(DEFINITION)));
    }

    private static void holds(String file, String expected) throws IOException {
        Path path = BASE.resolve(file);
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.writeString(path, expected);
        }
        assertThat(Files.readString(path))
                .as("%s is not what the chart says. Run: %s", path, COMMAND)
                .isEqualTo(expected);
    }

    /// What Helm renders, without saying that Helm looks after it.
    private static String operator() {
        return "# Made from the chart in ../kiln; a test holds it to that.\n"
                + Chart.text("defaults")
                        .replaceAll("(?m)^ *(helm\\.sh/chart|app\\.kubernetes\\.io/managed-by): .*\n", "")
                        .replaceAll("(?m)^# Source: .*\n", "");
    }

    @Test
    void kubectlBuildsTheSameObjects() throws IOException, InterruptedException {
        assumeTrue(hasKubectl(), "There is no kubectl on PATH.");
        Process kubectl = new ProcessBuilder("kubectl", "kustomize", BASE.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor()).as(text).isZero();
        List<JsonNode> objects = Chart.parse(text);
        assertThat(objects)
                .allSatisfy(o -> assertThat(StrictReading.unknownFields(o)).isEmpty());
        assertThat(objects)
                .extracting(o -> o.path("kind").asText())
                .contains("Namespace", "CustomResourceDefinition", "Deployment", "ClusterRole");
        assertThat(objects)
                .filteredOn(o -> o.path("kind").asText().equals("Deployment"))
                .singleElement()
                .satisfies(d -> assertThat(d.path("spec"))
                        .isEqualTo(Chart.object("defaults", "Deployment").path("spec")));
    }

    private static boolean hasKubectl() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, "kubectl"))) {
                return true;
            }
        }
        return false;
    }
}
