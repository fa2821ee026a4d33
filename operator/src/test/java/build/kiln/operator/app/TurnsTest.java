package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whose turn it is, seen from the API server.
class TurnsTest {

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
    void oneBuildThatEndsStirsUpTheNextAndNotTheHundredThatWait() {
        String namespace = cluster.newNamespace();
        List<ImageBuild> builds = new ArrayList<>();
        for (int i = 0; i < 102; i++) {
            builds.add(cluster.apply(namespace, "b" + i, ""));
        }
        builds.forEach(b -> cluster.awaitStatus(b, s -> s.phase() != null));
        List<String> running = cluster.podNames(namespace);
        assertThat(running).hasSize(2);
        awaitQuiet();
        cluster.end(namespace, running.getFirst(), succeeded());
        await().atMost(TestCluster.PATIENCE)
                .until(() -> cluster.podNames(namespace).size() == 3);
        // Two statuses with their Events, the pod and its trials; and the places of a few near the front.
        assertThat(awaitQuiet()).hasSizeBetween(5, 40);
    }

    @Test
    void afterARestartAPriorityCountsAsBefore() {
        String namespace = cluster.newNamespace();
        for (String name : List.of("one", "two")) {
            cluster.apply(namespace, name, "");
            cluster.awaitPod(namespace, name + "-1-0");
        }
        ImageBuild early = cluster.apply(namespace, "early", "");
        cluster.awaitPhase(early, Phase.Queued);
        ImageBuild urgent = cluster.apply(namespace, "urgent", "priority: 5");
        cluster.awaitPhase(urgent, Phase.Queued);
        cluster.stopOperator();
        cluster.end(namespace, "one-1-0", succeeded());
        cluster.startOperator();
        cluster.awaitPod(namespace, "urgent-1-0");
        assertThat(cluster.get(early).getStatus().phase()).isEqualTo(Phase.Queued);
        assertThat(cluster.podNames(namespace)).doesNotContain("early-1-0");
    }

    @Test
    void aWaitingBuildThatIsDeletedIsNotWaitedFor() {
        String namespace = cluster.newNamespace();
        for (String name : List.of("one", "two")) {
            cluster.apply(namespace, name, "");
            cluster.awaitPod(namespace, name + "-1-0");
        }
        ImageBuild first = cluster.apply(namespace, "first", "priority: 2");
        cluster.awaitPhase(first, Phase.Queued);
        ImageBuild second = cluster.apply(namespace, "second", "priority: 1");
        cluster.awaitPhase(second, Phase.Queued);
        cluster.client.resource(first).delete();
        cluster.end(namespace, "one-1-0", succeeded());
        cluster.awaitPod(namespace, "second-1-0");
    }

    @Test
    void anotherPriorityIsAnotherPlaceAndBuildsNothingAgain() {
        String namespace = cluster.newNamespace();
        for (String name : List.of("one", "two")) {
            cluster.apply(namespace, name, "");
            cluster.awaitPod(namespace, name + "-1-0");
        }
        ImageBuild early = cluster.apply(namespace, "early", "");
        cluster.awaitPhase(early, Phase.Queued);
        ImageBuild late = cluster.apply(namespace, "late", "");
        cluster.awaitPhase(late, Phase.Queued);
        cluster.changeSpec(late, "priority: 1");
        cluster.awaitStatus(
                late,
                s -> s.conditions().stream()
                        .anyMatch(c -> c.message().startsWith("1st of " + namespace + " with priority 1; ")));
        cluster.end(namespace, "one-1-0", succeeded());
        cluster.end(namespace, "late-2-0", succeeded());
        cluster.awaitPhase(late, Phase.Succeeded);
        cluster.changeSpec(late, "priority: 2");
        cluster.awaitPhase(late, Phase.Succeeded);
        assertThat(cluster.podNames(namespace)).doesNotContain("late-3-0");
    }

    /// Waits until the operator asks nothing for a while.
    ///
    /// @return what it asked until then, since the last time
    private static List<String> awaitQuiet() {
        List<String> all = new ArrayList<>();
        await().atMost(TestCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(700))
                .until(() -> {
                    List<String> more = cluster.newRequestsOfTheOperator();
                    all.addAll(more);
                    return more.isEmpty();
                });
        return all;
    }
}
