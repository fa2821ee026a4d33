package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.succeeded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
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
        ImageBuild hotfix = Serialization.unmarshal(block("yaml", "name: hotfix"), ImageBuild.class);
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

    @Test
    void theExampleWaitsInKueuesQueueAndIsMadeAgainWhenItIsTakenAway() throws IOException {
        String namespace = "team-b";
        cluster.admission.changes(namespace, QueuePageTest::queuedByKueue);
        ImageBuild web = Serialization.unmarshal(block("yaml", "kueue.x-k8s.io/queue-name"), ImageBuild.class);
        web.getMetadata().setGeneration(1L);
        ImageBuild applied = cluster.client.resource(web).create();
        ImageBuildStatus status = cluster.awaitStatus(
                applied, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("QueuedByKueue")));
        assertThat(status.phase()).isEqualTo(Phase.Queued);
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(block("console", "waits in Kueue").lines().toList().getLast());
        Pod gated = cluster.awaitPod(namespace, "web-1-0");
        assertThat(gated.getMetadata().getLabels()).containsEntry("kueue.x-k8s.io/priority-class", "release");
        // What waits in Kueue's queue takes no place in this one: two more start, though two may run.
        for (String name : List.of("one", "two")) {
            cluster.apply(namespace, name, "");
            cluster.awaitPod(namespace, name + "-1-0");
        }
        gated.getSpec().setSchedulingGates(List.of());
        cluster.client.resource(gated).update();
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(applied, Phase.Building);
        cluster.setStatus(
                namespace,
                "web-1-0",
                pod -> pod.withPhase("Failed")
                        .addNewCondition()
                        .withType("TerminationTarget")
                        .withStatus("True")
                        .withReason("WorkloadEvicted")
                        .withMessage("Preempted to accommodate a workload")
                        .endCondition());
        ImageBuildStatus evicted = cluster.awaitStatus(
                applied, s -> s.conditions().stream().anyMatch(c -> c.message().startsWith("EvictedByKueue: ")));
        assertThat(requireNonNull(evicted.build()).evictions()).isEqualTo(1);
        cluster.end(namespace, "one-1-0", succeeded());
        cluster.hurry(applied);
        Pod again = cluster.awaitPod(namespace, "web-1-1");
        assertThat(again.getSpec().getSchedulingGates()).hasSize(1);
    }

    /// Kueue's webhook.
    private static Pod queuedByKueue(Pod pod) {
        if (!pod.getMetadata().getLabels().containsKey("kueue.x-k8s.io/queue-name")) {
            return pod;
        }
        return new PodBuilder(pod)
                .editMetadata()
                .addToLabels("kueue.x-k8s.io/managed", "true")
                .endMetadata()
                .editSpec()
                .addNewSchedulingGate("kueue.x-k8s.io/admission")
                .endSpec()
                .build();
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
