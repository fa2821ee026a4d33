package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.DIGEST;
import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The whole operator against an API server in memory.
class OperatorTest {

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of());
    }

    /// After all that the operator does has been done once: it asked for nothing that its ClusterRole does not give.
    @AfterAll
    static void stop() throws IOException {
        JsonNode role = DocsTest.clusterRole();
        Set<String> requests = cluster.requestsOfTheOperator();
        cluster.close();
        assertThat(requests)
                .isNotEmpty()
                .allSatisfy(r -> assertThat(Permissions.allows(role, r)).as(r).isTrue());
        assertThat(requests)
                .contains(
                        "list imagebuilds.kiln.build",
                        "watch imagebuilds.kiln.build",
                        "update imagebuilds.kiln.build/status",
                        "list pods",
                        "watch pods",
                        "get pods",
                        "create pods",
                        "delete pods",
                        "get pods/log",
                        "create events",
                        "list events");
    }

    @Test
    void anImageBuildBecomesAnImage() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        ImageBuildStatus building = cluster.awaitPhase(web, Phase.Building);
        assertThat(conditions(building))
                .isEqualTo("Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building");
        cluster.end(namespace, "web-1-0", succeeded());
        ImageBuildStatus done = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(conditions(done)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        assertThat(done.digest()).isEqualTo(DIGEST);
        assertThat(done.isolation()).isEqualTo("userns");
        assertThat(build(done).node()).isEqualTo("node-1");
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        assertThat(cluster.eventReasons(namespace)).containsExactly("Building", "Succeeded");
    }

    /// The pod of a success is not kept here, and all that is known of it is in its report.
    @Test
    void aResultThatCouldNotBeWrittenIsNotDeletedWithItsPod() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "history: {succeeded: 0}");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.admission.conflict(namespace, "\"phase\":\"Succeeded\"");
        cluster.end(namespace, "web-1-0", succeeded());
        ImageBuildStatus done = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(build(done).attempt()).isZero();
        cluster.awaitGone(namespace, "web-1-0");
    }

    /// The operator was not there when the status was written, and is not there when it has to be done.
    @Test
    void whatRunsOnAfterItsBuildHasFailedIsStopped() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeStatusWhileNobodyIsThere(web, "phase", "Failed");
        cluster.awaitGone(namespace, "web-1-0");
    }

    /// A backup that was restored, or a watch that lags behind: the pod has the name of this build's, and is another's.
    @Test
    void theResultOfAnotherImageBuildsPodIsNotTaken() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.stopOperator();
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        pod.getMetadata().getOwnerReferences().getFirst().setUid("of-an-earlier-one");
        cluster.client.resource(pod).update();
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.startOperator();
        ImageBuildStatus status = cluster.awaitStatus(web, s -> s.phase() != Phase.Building);
        assertThat(condition(status, "Succeeded").reason()).isEqualTo("PodDeleted");
    }

    @Test
    void anotherImageBuildOfTheSameNameIsNotTakenForTheOneBefore() {
        ImageBuild before = new ImageBuild();
        before.getMetadata().setUid("1");
        before.getMetadata().setGeneration(1L);
        ImageBuild now = new ImageBuild();
        now.getMetadata().setUid("2");
        now.getMetadata().setGeneration(1L);
        assertThat(Operator.isOfInterest(now, before)).isTrue();
        assertThat(Operator.isOfInterest(before, before)).isFalse();
    }

    @Test
    void theUsersOwnFaultIsFinal() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", failed("RunFailed", Fault.USER));
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(conditions(status))
                .isEqualTo("Ready=False/RunFailed Succeeded=False/RunFailed Stalled=True/RunFailed");
        assertThat(Objects.requireNonNull(status.failure()).log()).isEqualTo("cc x.c\nmake: *** [all] Error 2");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void anotherSpecBuildsAgainUnderItsOwnGeneration() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", failed("RunFailed", Fault.USER));
        cluster.awaitPhase(web, Phase.Failed);
        cluster.changeSpec(web, "target: other");
        cluster.end(namespace, "web-2-0", succeeded());
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(build(status).reason()).isEqualTo("SpecChange");
        assertThat(status.failure()).isNull();
        assertThat(status.history()).extracting("result").containsExactly("Succeeded", "RunFailed");
    }

    @Test
    void aChangeInTheMiddleOfABuildEndsItsPodFirst() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, "target: other");
        cluster.awaitPod(namespace, "web-2-0");
        assertThat(cluster.podNames(namespace)).containsExactly("web-2-0");
        cluster.end(namespace, "web-2-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
    }

    @Test
    void aChangeThatMattersToNoImageLetsABuildThatRunsGoOn() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, "priority: 7, retries: 1, history: {failed: 5}");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Building);
        assertThat(status.conditions())
                .allSatisfy(c -> assertThat(c.observedGeneration()).isEqualTo(2));
        cluster.end(namespace, "web-1-0", failed("RegistryUnavailable", Fault.REMOTE));
        cluster.awaitPhase(web, Phase.Queued);
        cluster.hurry(web);
        cluster.end(namespace, "web-2-1", succeeded());
        status = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(status.history()).extracting("result").containsExactly("Succeeded");
        cluster.changeSpec(web, "priority: 7, timeout: 2h");
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0", "web-2-1");
    }

    @Test
    void theAnnotationBuildsTheSameGenerationAgainOnce() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.annotate(web, ImageBuild.REBUILD_REQUESTED_AT, "today");
        cluster.end(namespace, "web-1-1", succeeded());
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.phase() == Phase.Succeeded && s.history().size() == 2);
        assertThat(status.rebuildRequestedAt()).isEqualTo("today");
        assertThat(build(status).reason()).isEqualTo("Requested");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0", "web-1-1");
    }

    @Test
    void whatIsNotTheUsersFaultIsTriedAgainLater() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", failed("RegistryUnavailable", Fault.REMOTE));
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo("Ready=Unknown/Retrying Succeeded=Unknown/Retrying Reconciling=True/Retrying");
        assertThat(build(status).nextAttemptAt()).isNotNull();
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void anImageThatOnlyHasToBePushedWaitsForItsRegistry() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0");
        cluster.end(namespace, "web-1-0", failed("PushPending", Fault.REMOTE));
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo("Ready=Unknown/PushPending Succeeded=Unknown/PushPending Reconciling=True/PushPending"
                        + " PushPending=True/PushPending");
        assertThat(build(status).pendingPushes()).isEqualTo(1);
        assertThat(build(status).nextAttemptAt()).isNotNull();
    }

    @Test
    void aPodThatSomebodyDeletesIsTriedAgain() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.client.pods().inNamespace(namespace).withName("web-1-0").delete();
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(Objects.requireNonNull(status.failure()).reason()).isEqualTo("PodDeleted");
    }

    @Test
    void suspendEndsWhatRunsAndResumeBuilds() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, "suspend: true");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Suspended);
        assertThat(conditions(status)).isEqualTo("Ready=False/Suspended Succeeded=Unknown/Suspended");
        await().atMost(TestCluster.PATIENCE)
                .until(() -> cluster.podNames(namespace).isEmpty());
        cluster.changeSpec(web, "suspend: false");
        cluster.end(namespace, "web-3-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
    }

    @Test
    void suspendAndResumeDoNotBuildAgainWhatIsBuilt() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.changeSpec(web, "suspend: true");
        assertThat(conditions(cluster.awaitPhase(web, Phase.Suspended)))
                .isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        cluster.changeSpec(web, "suspend: false");
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void filesThatDoNotFitIntoAnAnnotationAreRefused() {
        String namespace = cluster.newNamespace();
        String source = "source: {inline: {files: {Dockerfile: \"" + "x".repeat(210_000) + "\"}}}";
        ImageBuild web = cluster.apply(namespace, "web", source, "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("SourceTooLarge");
        assertThat(condition(status, "Stalled").message())
                .endsWith(
                        "at most 204800 bytes fit into a pod's annotation. Keep large files in spec.source.git or spec.source.volume.");
        assertThat(cluster.podNames(namespace)).isEmpty();
    }

    @Test
    void aRestartInTheMiddleTakesUpWhatRuns() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.stopOperator();
        ImageBuild other = cluster.apply(namespace, "other", "");
        cluster.end(namespace, "web-1-0", succeeded());
        assertThat(cluster.get(web).getStatus().phase()).isEqualTo(Phase.Building);
        cluster.startOperator();
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.end(namespace, "other-1-0", succeeded());
        cluster.awaitPhase(other, Phase.Succeeded);
        assertThat(cluster.podNames(namespace)).containsExactly("other-1-0", "web-1-0");
    }

    @Test
    void aPodThatWasMadeBeforeItsStatusWasWrittenIsTakenUp() {
        String namespace = cluster.newNamespace();
        cluster.stopOperator();
        ImageBuild web = cluster.apply(namespace, "web", "");
        Pod orphan = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web-1-0")
                .addToLabels("app.kubernetes.io/managed-by", "kiln")
                .addToLabels("kiln.build/generation", "1")
                .addToLabels("kiln.build/attempt", "0")
                .addNewOwnerReference()
                .withApiVersion("kiln.build/v1alpha1")
                .withKind("ImageBuild")
                .withName("web")
                .withUid(web.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        cluster.client.resource(orphan).create();
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.startOperator();
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void aPodOfAnEarlierImageBuildOfThatNameIsWaitedFor() {
        String namespace = cluster.newNamespace();
        cluster.client
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("web-1-0")
                        .addNewOwnerReference()
                        .withApiVersion("kiln.build/v1alpha1")
                        .withKind("ImageBuild")
                        .withName("web")
                        .withUid("of-the-earlier-one")
                        .endOwnerReference()
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .create();
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(condition(status, "Reconciling").reason()).isEqualTo("PodNameTaken");
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(
                        "Pod web-1-0 is still that of an earlier ImageBuild of this name; the build starts when it is gone.");
    }

    @Test
    void progressInTheLogBecomesProgressInTheStatus() {
        String namespace = cluster.newNamespace();
        cluster.serveLog(namespace, "web-1-0");
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Pushing);
        assertThat(build(status).steps()).isEqualTo("2/2");
        assertThat(build(status).cached()).isEqualTo("1/2");
        assertThat(status.steps()).extracting("instruction").containsExactly("RUN make", "RUN make test");
        assertThat(condition(status, "Reconciling").reason()).isEqualTo("Pushing");
    }

    @Test
    void whatHoldsAPodUpIsInTheConditionAtOnce() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.setStatus(
                namespace,
                "web-1-0",
                status -> status.withPhase("Pending")
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage("0/1 nodes are available: 1 Insufficient cpu.")
                        .endCondition());
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("Unschedulable")));
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo(
                        "Pod web-1-0 has not started: 0/1 nodes are available: 1 Insufficient cpu. Look at spec.pod.resources.");
        assertThat(cluster.eventReasons(namespace)).containsExactly("Building", "Unschedulable");
    }

    @Test
    void whatOnlyEventsSayOfAPodThatDoesNotStartIsInTheConditionWhenItTakesLong() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        cluster.setStatus(namespace, "web-1-0", status -> status.withPhase("Pending"));
        cluster.client
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("web-1-0.1")
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withKind("Pod")
                        .withNamespace(namespace)
                        .withName("web-1-0")
                        .withUid(pod.getMetadata().getUid())
                        .endInvolvedObject()
                        .withReason("FailedMount")
                        .withMessage("MountVolume.SetUp failed for volume \"login\": secret \"regcred\" not found")
                        .withLastTimestamp(pod.getMetadata().getCreationTimestamp())
                        .build())
                .create();

        cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.message().contains("secret \"regcred\" not found")));
    }

    @Test
    void finishedPodsBeyondTheHistoryGo() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "history: {succeeded: 1, failed: 1}");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        for (int i = 1; i <= 2; i++) {
            int expected = i;
            cluster.annotate(web, ImageBuild.REBUILD_REQUESTED_AT, "r" + i);
            cluster.end(namespace, "web-1-" + i, succeeded());
            cluster.awaitStatus(
                    web, s -> s.phase() == Phase.Succeeded && ("r" + expected).equals(s.rebuildRequestedAt()));
        }
        await().atMost(TestCluster.PATIENCE)
                .until(() -> cluster.podNames(namespace).equals(java.util.List.of("web-1-2")));
    }

    @Test
    void nothingIsWrittenWhenNothingChanges() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitStatus(web, s -> s.build() != null && s.build().node() != null);
        String before = cluster.awaitQuiet(web);
        for (int i = 0; i < 3; i++) {
            cluster.setStatus(namespace, "web-1-0", status -> status.withPhase("Running"));
        }
        assertThat(cluster.awaitQuiet(web)).isEqualTo(before);
    }

    @Test
    void probesAndMetricsAreServed() throws IOException, InterruptedException {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.httpGet("/healthz")).isEqualTo("200 ok\n");
        assertThat(cluster.httpGet("/readyz")).isEqualTo("200 ok\n");
        assertThat(cluster.httpGet("/other")).isEqualTo("404 Not found.\n");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.httpGet("/metrics"))
                        .contains("kiln_builds_total{reason=\"Succeeded\",result=\"succeeded\"}")
                        .contains("kiln_build_duration_seconds_count{result=\"succeeded\"}")
                        .contains("kiln_builds_running"));
    }

    private static BuildStatus build(ImageBuildStatus status) {
        return Objects.requireNonNull(status.build());
    }
}
