package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Plays what `docs/queue.md` says.
class QueuePageTest {

    private static final Path PAGE = Path.of("..", "docs", "queue.md");

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of("KILN_MAX_BUILDS_PER_NAMESPACE", "2"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void theExampleHasThePlaceThatThePageShowsAndIsNext() throws IOException {
        for (String name : List.of("one", "two")) {
            cluster.apply("team-a", name, "");
            cluster.awaitPod("team-a", name + "-1-0");
        }
        ImageBuild patient = cluster.apply("team-a", "patient", "");
        cluster.awaitPhase(patient, Phase.Queued);
        ImageBuild hotfix = Serialization.unmarshal(block("yaml", "kind: ImageBuild"), ImageBuild.class);
        hotfix.getMetadata().setGeneration(1L);
        ImageBuildStatus status =
                cluster.awaitPhase(cluster.client.resource(hotfix).create(), Phase.Queued);
        String shown = block("console", "1st of");
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(shown.lines().toList().getLast());
        cluster.end("team-a", "one-1-0", succeeded());
        cluster.awaitPod("team-a", "hotfix-1-0");
        assertThat(cluster.get(patient).getStatus().phase()).isEqualTo(Phase.Queued);
    }

    /// The only block of the language that has these words.
    private static String block(String language, String words) throws IOException {
        Matcher matcher = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(PAGE));
        List<String> found = matcher.results()
                .map(r -> r.group(1))
                .filter(b -> b.contains(words))
                .toList();
        assertThat(found).hasSize(1);
        return found.getFirst().strip();
    }
}
