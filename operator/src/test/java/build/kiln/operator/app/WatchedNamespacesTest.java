package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.succeeded;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// An operator that watches some namespaces, each by a watch of its own.
class WatchedNamespacesTest {

    private static final List<String> NAMESPACES =
            IntStream.range(0, 6).mapToObj(i -> "watched-" + i).toList();

    @Test
    void whatIsInOneNamespaceIsNotForgottenWhenAnotherIsListed() {
        TestCluster cluster = new TestCluster(Map.of("KILN_WATCH_NAMESPACES", String.join(",", NAMESPACES)));
        try {
            List<ImageBuild> builds =
                    NAMESPACES.stream().map(n -> cluster.apply(n, "web", "")).toList();
            builds.forEach(b -> cluster.awaitPhase(b, Phase.Building));

            cluster.stopOperator();
            cluster.startOperator();
            NAMESPACES.forEach(n -> cluster.end(n, "web-1-0", succeeded()));

            builds.forEach(b -> cluster.awaitPhase(b, Phase.Succeeded));
        } finally {
            cluster.close();
        }
    }
}
