package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.Fault;
import build.kiln.protocol.Part;
import build.kiln.protocol.PodFiles;
import build.kiln.protocol.ProtocolMismatch;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Builds for several platforms: a pod for each, then one for the index.
class PlatformsTest {

    private static final String AMD64 = "sha256:" + "a".repeat(64);
    private static final String ARM64 = "sha256:" + "b".repeat(64);
    private static final String INDEX = "sha256:" + "c".repeat(64);
    private static final String BOTH = "platforms: [linux/amd64, linux/arm64]";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of("KILN_BUILDER_CACHE_CLAIM", "kiln-cache", "KILN_BUILDER_PLATFORM_WAIT", "2s"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void eachPlatformHasAPodOnANodeOfItsKindAndTheIndexComesLast() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        Pod amd64 = cluster.awaitPod(namespace, "web-1-linux-amd64-0");
        Pod arm64 = cluster.awaitPod(namespace, "web-1-linux-arm64-0");
        assertThat(arm64.getSpec().getNodeSelector()).containsEntry("kubernetes.io/arch", "arm64");
        assertThat(amd64.getSpec().getNodeSelector()).containsEntry("kubernetes.io/arch", "amd64");
        assertThat(request(arm64).platform()).isEqualTo("linux/arm64");
        assertThat(request(arm64).part()).isEqualTo(new Part.Platform());
        assertThat(claim(amd64)).isEqualTo("kiln-cache");
        assertThat(claim(arm64)).isEqualTo("kiln-cache-arm64");

        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        ImageBuildStatus half =
                cluster.awaitStatus(web, s -> s.platforms().stream().anyMatch(p -> p.phase() == Phase.Succeeded));
        assertThat(half.phase()).isEqualTo(Phase.Building);
        assertThat(condition(half, "Reconciling").message())
                .contains("linux/amd64: Pushed registry.example.com/web@" + AMD64)
                .contains("linux/arm64: Pod web-1-linux-arm64-0 builds the image, because the resource is new.");
        assertThat(cluster.podNames(namespace)).doesNotContain("web-1-index-0");

        cluster.end(namespace, "web-1-linux-arm64-0", built(ARM64));
        Pod index = cluster.awaitPod(namespace, "web-1-index-0");
        assertThat(request(index).part())
                .isEqualTo(new Part.Index(
                        List.of(new Part.Image("linux/amd64", AMD64), new Part.Image("linux/arm64", ARM64))));
        assertThat(index.getSpec()
                        .getContainers()
                        .getFirst()
                        .getSecurityContext()
                        .getRunAsNonRoot())
                .isTrue();
        assertThat(index.getSpec().getVolumes()).extracting("name").containsExactly("request", "work");

        cluster.end(namespace, "web-1-index-0", index());
        ImageBuildStatus done = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(done.digest()).isEqualTo(INDEX);
        assertThat(conditions(done)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        assertThat(condition(done, "Ready").message())
                .isEqualTo("Pushed registry.example.com/web@" + INDEX + " for linux/amd64, linux/arm64.");
        assertThat(done.platforms()).extracting(PlatformStatus::digest).containsExactly(AMD64, ARM64);
        assertThat(done.platforms()).extracting(PlatformStatus::platform).containsExactly("linux/amd64", "linux/arm64");
        assertThat(done.platforms()).allSatisfy(p -> assertThat(p.steps()).hasSize(1));
        assertThat(Objects.requireNonNull(done.build()).steps()).isEqualTo("2/2");
        assertThat(done.isolation()).isEqualTo("userns");
        assertThat(done.source()).isNotNull();
        assertThat(done.history()).hasSize(1);
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace))
                .containsExactly("web-1-index-0", "web-1-linux-amd64-0", "web-1-linux-arm64-0");
    }

    @Test
    void aPlatformThatFailsForAWhileIsTriedAgainAlone() throws IOException, InterruptedException {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        cluster.end(namespace, "web-1-linux-arm64-0", failed("RegistryUnavailable", Fault.REMOTE));
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("Retrying")));
        assertThat(condition(status, "Reconciling").message()).contains("linux/arm64: RegistryUnavailable: It broke.");
        PlatformStatus arm64 = status.platforms().getLast();
        assertThat(Objects.requireNonNull(arm64.build()).nextAttemptAt()).isNotNull();
        assertThat(cluster.httpGet("/metrics")).contains("kiln_build_retries_total{reason=\"RegistryUnavailable\"}");
        cluster.hurry(web);
        cluster.end(namespace, "web-1-linux-arm64-1", built(ARM64));
        cluster.end(namespace, "web-1-index-0", index());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.podNames(namespace)).doesNotContain("web-1-linux-amd64-1");
    }

    @Test
    void aPlatformThatFailsForGoodEndsTheOthers() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.run(namespace, "web-1-linux-amd64-0");
        cluster.end(namespace, "web-1-linux-arm64-0", failed("RunFailed", Fault.USER));
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("RunFailed");
        assertThat(condition(status, "Stalled").message()).isEqualTo("linux/arm64: It broke.");
        await().atMost(TestCluster.PATIENCE)
                .until(() -> !cluster.podNames(namespace).contains("web-1-linux-amd64-0"));
        assertThat(status.history()).extracting("result").containsExactly("RunFailed");
    }

    /// It was Kiln itself that ended the other platform's pod.
    @Test
    void aBuildThatIsLookedAtAgainGoesOnWithThePlatformsThatItHadEnded() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(
                namespace, "web", BOTH + ", retries: 0, secrets: [{id: npmrc, secret: npm, key: .npmrc}]");
        cluster.run(namespace, "web-1-linux-amd64-0");
        cluster.end(namespace, "web-1-linux-arm64-0", failed("SecretInvalid", Fault.USER));
        cluster.awaitPhase(web, Phase.Failed);
        cluster.awaitGone(namespace, "web-1-linux-amd64-0");
        cluster.hurry(web);
        cluster.end(namespace, "web-1-linux-arm64-1", built(ARM64));
        cluster.end(namespace, "web-1-linux-amd64-1", built(AMD64));
        cluster.awaitPod(namespace, "web-1-index-1");
    }

    @Test
    void podsOfPlatformsGoWhenTheyAreOldToo() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        cluster.end(namespace, "web-1-linux-arm64-0", built(ARM64));
        cluster.end(namespace, "web-1-index-0", index());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.awaitQuiet(web);
        cluster.setStatus(
                namespace,
                "web-1-linux-amd64-0",
                status -> status.editFirstContainerStatus()
                        .editState()
                        .editTerminated()
                        .withFinishedAt("2026-01-01T00:00:00Z")
                        .endTerminated()
                        .endState()
                        .endContainerStatus());
        cluster.awaitGone(namespace, "web-1-linux-amd64-0");
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-index-0", "web-1-linux-arm64-0");
    }

    @Test
    void anIndexThatCannotBePushedIsTriedAgainAndNothingIsBuiltAgain() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        cluster.end(namespace, "web-1-linux-arm64-0", built(ARM64));
        cluster.end(namespace, "web-1-index-0", failed("RegistryUnavailable", Fault.REMOTE));
        cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("Retrying")));
        cluster.hurry(web);
        cluster.end(namespace, "web-1-index-1", index());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.podNames(namespace))
                .containsExactly("web-1-index-0", "web-1-index-1", "web-1-linux-amd64-0", "web-1-linux-arm64-0");
    }

    @Test
    void anArchitectureThatNoNodeHasIsSaidAtOnceAndFailsAfterTheWait() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "platforms: [linux/amd64, linux/riscv64]");
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        noNode(namespace, "web-1-linux-riscv64-0");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("NoNodeForPlatform");
        assertThat(condition(status, "Stalled").message())
                .startsWith("linux/riscv64: No node took pod web-1-linux-riscv64-0 within 2s")
                .contains("spec.platforms asks for linux/riscv64");
        cluster.awaitGone(namespace, "web-1-linux-riscv64-0");
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-linux-amd64-0");
    }

    @Test
    void aPodThatWasStoppedForLackOfANodeIsNotTakenForOneThatSomebodyDeleted() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "platforms: [linux/riscv64]");
        cluster.awaitPhase(web, Phase.Building);
        cluster.admission.conflict(namespace, "\"phase\":\"Failed\"");
        noNode(namespace, "web-1-0");
        ImageBuildStatus status = cluster.awaitStatus(web, s -> s.phase() == Phase.Failed || s.phase() == Phase.Queued);
        assertThat(condition(status, "Ready").reason()).isEqualTo("NoNodeForPlatform");
        cluster.awaitGone(namespace, "web-1-0");
    }

    @Test
    void aNewSpecBuildsAllPlatformsAgainAndEndsWhatRuns() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        cluster.run(namespace, "web-1-linux-arm64-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, BOTH + ", target: other");
        cluster.end(namespace, "web-2-linux-amd64-0", built(AMD64));
        cluster.end(namespace, "web-2-linux-arm64-0", built(ARM64));
        cluster.end(namespace, "web-2-index-0", index());
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.podNames(namespace)).doesNotContain("web-1-linux-arm64-0");
        assertThat(status.platforms())
                .allSatisfy(p -> assertThat(Objects.requireNonNull(p.build()).generation())
                        .isEqualTo(2));
    }

    @Test
    void aChangeThatMattersToNoImageLetsAllPlatformsGoOn() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.end(namespace, "web-1-linux-amd64-0", built(AMD64));
        cluster.run(namespace, "web-1-linux-arm64-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, BOTH + ", priority: 7");
        cluster.awaitStatus(
                web,
                s -> s.platforms().stream()
                        .allMatch(p ->
                                Objects.equals(Objects.requireNonNull(p.build()).generation(), 2L)));
        cluster.end(namespace, "web-1-linux-arm64-0", built(ARM64));
        cluster.end(namespace, "web-2-index-0", index());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.podNames(namespace))
                .containsExactly("web-1-linux-amd64-0", "web-1-linux-arm64-0", "web-2-index-0");
    }

    @Test
    void suspendEndsThePodsOfAllPlatforms() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", BOTH);
        cluster.run(namespace, "web-1-linux-amd64-0");
        cluster.run(namespace, "web-1-linux-arm64-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeSpec(web, BOTH + ", suspend: true");
        cluster.awaitPhase(web, Phase.Suspended);
        await().atMost(TestCluster.PATIENCE)
                .until(() -> cluster.podNames(namespace).isEmpty());
    }

    @Test
    void onePlatformThatIsNotTheUsualOneNeedsNoIndex() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "web", "platforms: [linux/arm64]");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        assertThat(pod.getSpec().getNodeSelector()).containsEntry("kubernetes.io/arch", "arm64");
        assertThat(request(pod).part()).isNull();
        assertThat(claim(pod)).isEqualTo("kiln-cache-arm64");
    }

    private static void noNode(String namespace, String pod) {
        cluster.setStatus(
                namespace,
                pod,
                status -> status.withPhase("Pending")
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
                        .endCondition());
    }

    private static String claim(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(v -> v.getName().equals("cache"))
                .findFirst()
                .orElseThrow()
                .getPersistentVolumeClaim()
                .getClaimName();
    }

    private static BuildRequest request(Pod pod) throws ProtocolMismatch {
        return BuildRequest.parse(
                Objects.requireNonNull(pod.getMetadata().getAnnotations().get(PodFiles.REQUEST_ANNOTATION)));
    }

    private static BuildReport built(String digest) {
        return BuildReport.of(
                new BuildReport.Result.Succeeded("registry.example.com/web@" + digest, digest, 4711, List.of()),
                "userns",
                "c0ffee",
                List.of(),
                List.of(new StepReport("RUN make", StepOutcome.RAN, 5, 1, null, null)),
                List.of());
    }

    private static BuildReport index() {
        return BuildReport.of(
                new BuildReport.Result.Succeeded("registry.example.com/web@" + INDEX, INDEX, 9422, List.of("1")),
                null,
                null,
                List.of(),
                List.of(),
                List.of());
    }
}
