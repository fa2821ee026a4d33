package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import java.util.Map;
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
}
