package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the operator makes of failures that another attempt, under other circumstances, may not have.
class FailuresTest {

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
    void aBuildThatRanOutOfMemoryHasTwiceAsMuchTheNextTime() {
        String namespace = cluster.newNamespace();
        String pod = "pod: {resources: {limits: {memory: 512Mi}, requests: {memory: 256Mi}}}";
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0, retryWithMemory: 1536Mi, " + pod);
        cluster.end(namespace, "web-1-0", 137, "OOMKilled", "");
        assertThat(resources("web-1-1", namespace).getLimits().get("memory")).hasToString("1Gi");
        assertThat(requireNonNull(resources("web-1-1", namespace).getRequests().get("memory"))
                        .getNumericalAmount())
                .isEqualByComparingTo("536870912");
        cluster.end(namespace, "web-1-1", 137, "OOMKilled", "");
        assertThat(resources("web-1-2", namespace).getLimits().get("memory")).hasToString("1536Mi");
        ImageBuildStatus building = cluster.awaitStatus(
                web, s -> s.build() != null && "1536Mi".equals(s.build().memory()));
        assertThat(build(building).outOfMemoryWith()).containsExactly("512Mi", "1Gi");
        cluster.end(namespace, "web-1-2", 137, "OOMKilled", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("OutOfMemory");
        assertThat(condition(status, "Stalled").message())
                .isEqualTo("Pod web-1-2 was killed because it had used up its memory: its limit is 1536Mi. Raise"
                        + " spec.pod.resources.limits.memory, or let Kiln raise it (spec.retryWithMemory). 512Mi, 1Gi,"
                        + " 1536Mi of memory were not enough, and spec.retryWithMemory allows no more than 1536Mi.");
    }

    @Test
    void aSecretThatIsMendedIsNoticedWithoutAnybodyTouchingTheBuild() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "secrets: [{id: npmrc, secret: npm, key: .npmrc}]");
        cluster.end(namespace, "web-1-0", failed("SecretInvalid", Fault.USER));
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(conditions(status))
                .isEqualTo("Ready=False/SecretInvalid Succeeded=False/SecretInvalid Stalled=True/SecretInvalid");
        assertThat(Instant.parse(Objects.requireNonNull(build(status).nextAttemptAt())))
                .isBetween(Instant.now(), Instant.now().plusSeconds(90));
        cluster.hurry(web);
        cluster.end(namespace, "web-1-1", succeeded());
        ImageBuildStatus mended = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(mended.history()).extracting("result").containsExactly("Succeeded");
        assertThat(build(mended).nextAttemptAt()).isNull();
    }

    private static ResourceRequirements resources(String pod, String namespace) {
        return cluster.awaitPod(namespace, pod)
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources();
    }

    private static BuildStatus build(ImageBuildStatus status) {
        return Objects.requireNonNull(status.build());
    }
}
