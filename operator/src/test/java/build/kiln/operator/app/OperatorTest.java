package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.DIGEST;
import static build.kiln.operator.app.TestCluster.conditions;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OperatorTest {

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void anImageBuildBecomesAnImage() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        ImageBuildStatus building = cluster.awaitPhase(web, Phase.Building);
        assertThat(conditions(building))
                .isEqualTo("Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building");
        cluster.end(namespace, "web-1-0", TestCluster.succeeded());
        ImageBuildStatus done = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(conditions(done)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        assertThat(done.digest()).isEqualTo(DIGEST);
        assertThat(done.observedGeneration()).isEqualTo(1);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        assertThat(cluster.eventReasons(namespace)).containsExactly("Building", "Succeeded");
    }
}
