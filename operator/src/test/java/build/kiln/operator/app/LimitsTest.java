package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What happens when a build may not start: limits of the operator, and refusals of the API server.
class LimitsTest {

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
    void noMoreBuildsRunThanMayAndAllHaveTheirTurn() {
        String namespace = cluster.newNamespace();
        List<ImageBuild> builds = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            builds.add(cluster.apply(namespace, "b" + i, ""));
        }
        builds.forEach(b -> cluster.awaitStatus(b, s -> s.phase() != null));
        assertThat(cluster.podNames(namespace)).hasSize(2);
        ImageBuild waiting = builds.stream()
                .filter(b -> cluster.get(b).getStatus().phase() == Phase.Queued)
                .findFirst()
                .orElseThrow();
        assertThat(condition(cluster.get(waiting).getStatus(), "Reconciling").message())
                .matches("[1-4](st|nd|rd|th) of " + namespace + "; the namespace runs 2 of 2\\.");

        // Whoever ends makes room, whether well or badly, and the next comes without anybody else's doing.
        for (int ended = 0; ended < builds.size(); ended++) {
            String next =
                    await().atMost(TestCluster.PATIENCE).until(() -> runningPod(namespace), name -> !name.isEmpty());
            assertThat(running(namespace)).hasSizeLessThanOrEqualTo(2);
            cluster.end(namespace, next, ended % 2 == 0 ? succeeded() : failed("RunFailed", Fault.USER));
        }
        builds.forEach(b -> cluster.awaitStatus(b, s -> s.phase() == Phase.Succeeded || s.phase() == Phase.Failed));
        assertThat(cluster.podNames(namespace)).hasSize(6);
    }

    @Test
    void aBuildThatBecomesTooLargeWhileItWaitsIsRefusedAtOnceAndLosesItsPlace() {
        String namespace = cluster.newNamespace();
        ImageBuild first = cluster.apply(namespace, "first", "");
        cluster.awaitPod(namespace, "first-1-0");
        cluster.apply(namespace, "second", "");
        cluster.awaitPod(namespace, "second-1-0");
        ImageBuild third = cluster.apply(namespace, "third", "");
        cluster.awaitStatus(third, LimitsTest::isQueued);
        ImageBuild fourth = cluster.apply(namespace, "fourth", "");
        cluster.awaitStatus(fourth, LimitsTest::isQueued);

        cluster.changeSpec(third, "buildArgs: {LARGE: \"" + "x".repeat(210_000) + "\"}");

        ImageBuildStatus status = cluster.awaitPhase(third, Phase.Failed);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("SourceTooLarge");
        cluster.end(namespace, "first-1-0", succeeded());
        cluster.awaitPhase(first, Phase.Succeeded);
        cluster.awaitPod(namespace, "fourth-1-0");
    }

    @Test
    void aPodThatAdmissionForbidsIsSaidAtOnceInItsOwnWords() {
        String namespace = cluster.newNamespace();
        refusePods(
                namespace,
                403,
                "Forbidden",
                "pods \"web-1-0\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true.");
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo("Ready=False/PodForbidden Succeeded=Unknown/PodForbidden Stalled=True/PodForbidden");
        assertThat(condition(status, "Stalled").message())
                .isEqualTo(
                        "Namespace " + namespace
                                + " admits no builder pod: violates PodSecurity \"restricted:latest\": runAsNonRoot != true. It is tried again every minute.");
        assertThat(cluster.eventReasons(namespace)).containsExactly("PodForbidden");
    }

    @Test
    void whatTheClusterSaysOfAPodThatDoesNotStartIsSaidThoughNothingElseChanges() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        cluster.client
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("src.1")
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withKind("PersistentVolumeClaim")
                        .withNamespace(namespace)
                        .withName("src")
                        .endInvolvedObject()
                        .withReason("ProvisioningFailed")
                        .withMessage("storageclass.storage.k8s.io \"fast\" not found")
                        .withLastTimestamp("2026-03-01T12:00:00Z")
                        .build())
                .create();
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("VolumeUnavailable")));
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(
                        "Pod web-1-0 has not started: claim src: ProvisioningFailed: storageclass.storage.k8s.io \"fast\" not found. Look at spec.source.volume.claimName.");
        assertThat(pod.getStatus() == null || pod.getStatus().getConditions().isEmpty())
                .isTrue();
    }

    @Test
    void aQuotaThatIsUsedUpIsWaitedFor() {
        String namespace = cluster.newNamespace();
        refusePods(
                namespace,
                403,
                "Forbidden",
                "pods \"web-1-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5");
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo(
                        "Ready=Unknown/QuotaExceeded Succeeded=Unknown/QuotaExceeded Reconciling=True/QuotaExceeded");
    }

    @Test
    void whatAQuotaRefusesStartsWhenABuildOfItsNamespaceEndsAndUsesNoRetry() {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "first", "");
        cluster.run(namespace, "first-1-0");
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/pods")
                .andReturn(
                        403,
                        refusal(
                                403,
                                "Forbidden",
                                "pods \"web-1-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"))
                .once();
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0");
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("QuotaExceeded")));
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(
                        "Pod web-1-0 has no room in the namespace's quota: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1. The build starts when there is.");
        Instant refused = Instant.now();
        cluster.end(namespace, "first-1-0", succeeded());
        cluster.awaitPod(namespace, "web-1-0");
        // Sooner than it would have asked by itself.
        assertThat(Instant.now()).isBefore(refused.plusSeconds(8));
        cluster.end(namespace, "web-1-0", succeeded());
        assertThat(requireNonNull(cluster.awaitPhase(web, Phase.Succeeded).build())
                        .attempt())
                .isZero();
    }

    @Test
    void aPodThatIsMalformedBlocksItsBuild() {
        String namespace = cluster.newNamespace();
        refusePods(
                namespace,
                422,
                "Invalid",
                "Pod \"web-1-0\" is invalid: spec.tolerations[0].operator: Invalid value: core.Toleration{}: operator must be Exists when `key` is empty.");
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("PodInvalid");
        assertThat(condition(status, "Stalled").message())
                .startsWith(
                        "The API server takes the builder pod for malformed: spec.tolerations[0].operator: Invalid value")
                .endsWith(" Mend spec.pod; it is tried again every minute.");
    }

    @Test
    void aQuotaThatOthersWriteAtTheSameTimeIsAskedAgain() {
        String namespace = cluster.newNamespace();
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/pods")
                .andReturn(
                        409,
                        refusal(
                                409,
                                "Conflict",
                                "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified; please apply your changes to the latest version and try again"))
                .times(2);
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.eventReasons(namespace)).doesNotContain("PodNameTaken");
    }

    @Test
    void anApiServerThatFailsForAWhileIsAskedAgain() {
        String namespace = cluster.newNamespace();
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/pods")
                .andReturn(
                        500,
                        new StatusBuilder()
                                .withCode(500)
                                .withMessage("etcd is away")
                                .build())
                .times(2);
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
    }

    private static void refusePods(String namespace, int code, String reason, String message) {
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/pods")
                .andReturn(code, refusal(code, reason, message))
                .always();
    }

    private static Status refusal(int code, String reason, String message) {
        return new StatusBuilder()
                .withStatus("Failure")
                .withCode(code)
                .withReason(reason)
                .withMessage(message)
                .build();
    }

    private static String runningPod(String namespace) {
        return running(namespace).stream().findFirst().orElse("");
    }

    private static List<String> running(String namespace) {
        return cluster.client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(p -> p.getStatus() == null
                        || !List.of("Succeeded", "Failed")
                                .contains(String.valueOf(p.getStatus().getPhase())))
                .map(p -> p.getMetadata().getName())
                .toList();
    }

    private static boolean isQueued(ImageBuildStatus status) {
        return status.conditions().stream().anyMatch(c -> c.reason().equals("Queued"));
    }
}
