package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchesTest {

    @ParameterizedTest
    @ValueSource(strings = {"imagebuilds", "pods"})
    void aWatchThatBreaksTheProtocolIsBegunAnew(String resource) {
        TestCluster cluster = new TestCluster(Map.of());
        try {
            cluster.stopOperator();
            cluster.admission.breaksNextWatch(resource);
            cluster.startOperator();
            assertThat(cluster.admission.isToBreakAWatch()).isFalse();
            String namespace = cluster.newNamespace();
            ImageBuild web = cluster.apply(namespace, "web", "");
            cluster.end(namespace, "web-1-0", succeeded());
            cluster.awaitPhase(web, Phase.Succeeded);
        } finally {
            cluster.close();
        }
    }

    /// An API server may give fewer objects than it is asked for.
    @Test
    void aListInPagesIsWhole() {
        pages(List.of("limit=500", "limit=500 continue=after-3", "limit=500 continue=after-6"), admission -> {});
    }

    /// Among thousands of objects that change, what a list goes on with can be too old by then.
    @Test
    void aListWhoseNextPageIsForgottenIsBegunAnew() {
        pages(
                List.of(
                        "limit=500",
                        "limit=500 continue=after-3",
                        "limit=500",
                        "limit=500 continue=after-3",
                        "limit=500 continue=after-6"),
                admission -> {
                    admission.forgetsNextPage("imagebuilds");
                    admission.forgetsNextPage("pods");
                });
    }

    /// Eight builds have ended while nobody was there: all of them are known afterwards, and so are all their pods.
    private static void pages(List<String> expected, Consumer<TestAdmission> disturb) {
        TestCluster cluster = new TestCluster(Map.of());
        try {
            String namespace = cluster.newNamespace();
            List<ImageBuild> builds = IntStream.range(0, 8)
                    .mapToObj(i -> cluster.apply(namespace, "web" + i, ""))
                    .toList();
            builds.forEach(b -> {
                cluster.run(namespace, b.getMetadata().getName() + "-1-0");
                cluster.awaitPhase(b, Phase.Building);
            });
            cluster.stopOperator();
            builds.forEach(b -> cluster.end(namespace, b.getMetadata().getName() + "-1-0", succeeded()));
            List<String> ofBuilds = cluster.admission.pages("imagebuilds", 3);
            List<String> ofPods = cluster.admission.pages("pods", 3);
            disturb.accept(cluster.admission);
            cluster.newRequestsOfTheOperator();
            cluster.startOperator();
            builds.forEach(b -> cluster.awaitPhase(b, Phase.Succeeded));
            assertThat(ofBuilds).isEqualTo(expected);
            assertThat(ofPods).isEqualTo(expected);
            // What the list has not brought would have been asked for one by one.
            assertThat(cluster.newRequestsOfTheOperator()).doesNotContain("get pods");
        } finally {
            cluster.close();
        }
    }
}
