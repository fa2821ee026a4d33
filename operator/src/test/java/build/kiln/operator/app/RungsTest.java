package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.IsolationDemand;
import build.kiln.protocol.PodFiles;
import build.kiln.protocol.ProtocolMismatch;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Which pod a namespace gets, by what it admits.
class RungsTest {

    private static final String NO_UNMASKED =
            "violates PodSecurity \"baseline:v1.34\": procMount (container \"builder\" must not set securityContext.procMount to \"Unmasked\")";
    private static final String RESTRICTED =
            "violates PodSecurity \"restricted:latest\": procMount (container \"builder\" must not set securityContext.procMount to \"Unmasked\"), allowPrivilegeEscalation != false (container \"builder\" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container \"builder\" must set securityContext.runAsNonRoot=true)";

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
    void aNamespaceThatAdmitsEverythingGetsTheStrongestPodAndIsAskedOnce() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "web", "");
        cluster.apply(namespace, "api", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        cluster.awaitPod(namespace, "api-1-0");
        assertThat(pod.getSpec().getHostUsers()).isFalse();
        assertThat(request(pod).isolation()).isNull();
        assertThat(cluster.admission.trials(namespace)).isBetween(1, 2);
    }

    @Test
    void aRungThatIsNotAdmittedIsLeftOutAndTheBuilderIsToldWhy() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.admission.of(namespace, pod -> isUnmasked(pod) ? Optional.of(NO_UNMASKED) : Optional.empty());
        cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        assertThat(pod.getSpec().getHostUsers()).isNull();
        IsolationDemand isolation = Objects.requireNonNull(request(pod).isolation());
        assertThat(isolation.minimum()).isEqualTo(Rung.ASSEMBLE);
        assertThat(isolation.leftOut()).singleElement().satisfies(left -> {
            assertThat(left.rung()).isEqualTo(Rung.USERNS);
            assertThat(left.reason())
                    .isEqualTo(
                            "The namespace does not admit its pod: " + NO_UNMASKED
                                    + ". Label the namespace pod-security.kubernetes.io/enforce-version=latest; from 1.35 on it admits this.");
        });
    }

    @Test
    void whatIsNotAdmittedOfOneAccountIsNotKeptFromAnother() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.admission.of(
                namespace,
                pod -> isUnmasked(pod) && !"trusted".equals(pod.getSpec().getServiceAccountName())
                        ? Optional.of(NO_UNMASKED)
                        : Optional.empty());
        cluster.apply(namespace, "web", "");
        assertThat(cluster.awaitPod(namespace, "web-1-0").getSpec().getHostUsers())
                .isNull();
        cluster.apply(namespace, "api", "pod: {serviceAccountName: trusted}");
        assertThat(cluster.awaitPod(namespace, "api-1-0").getSpec().getHostUsers())
                .isFalse();
    }

    @Test
    void aRestrictedNamespaceGetsAPodWithoutRuns() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.admission.of(namespace, RungsTest::restricted);
        ImageBuild web = cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        assertThat(Objects.requireNonNull(request(pod).isolation()).leftOut())
                .extracting("rung")
                .containsExactly(Rung.USERNS, Rung.NESTED, Rung.CHROOT);
        assertThat(Objects.requireNonNull(request(pod).isolation()).leftOut())
                .allSatisfy(left -> assertThat(left.reason())
                        .endsWith("Label the namespace pod-security.kubernetes.io/enforce=baseline.")
                        .hasSizeLessThanOrEqualTo(400));
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(cluster.admission.trials(namespace)).isEqualTo(4);
        cluster.apply(namespace, "api", "");
        cluster.awaitPod(namespace, "api-1-0");
        assertThat(cluster.admission.trials(namespace)).isEqualTo(4);
    }

    @Test
    void aNamespaceThatBecameStricterIsAskedAnewAtOnce() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "web", "");
        cluster.awaitPod(namespace, "web-1-0");
        cluster.admission.of(namespace, RungsTest::restricted);
        ImageBuild api = cluster.apply(namespace, "api", "");
        Pod pod = cluster.awaitPod(namespace, "api-1-0");
        assertThat(pod.getSpec().getContainers().getFirst().getSecurityContext().getRunAsNonRoot())
                .isTrue();
        cluster.awaitPhase(api, Phase.Building);
        assertThat(cluster.eventReasons(namespace)).containsOnly("Building");
    }

    @Test
    void aMinimumThatTheNamespaceDoesNotAdmitIsSaidWithTheFieldAndItsOwnWords() {
        String namespace = cluster.newNamespace();
        cluster.admission.of(namespace, pod -> isUnmasked(pod) ? Optional.of(NO_UNMASKED) : Optional.empty());
        ImageBuild web = cluster.apply(namespace, "web", "isolation: {minimum: userns}");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo(
                        "Ready=False/IsolationUnavailable Succeeded=Unknown/IsolationUnavailable Stalled=True/IsolationUnavailable");
        assertThat(condition(status, "Stalled").message())
                .isEqualTo(
                        "Namespace " + namespace
                                + " admits no builder pod of the isolation that spec.isolation.minimum demands, \"userns\" at least. userns: The namespace does not admit its pod: "
                                + NO_UNMASKED
                                + ". Label the namespace pod-security.kubernetes.io/enforce-version=latest; from 1.35 on it admits this. Or lower spec.isolation.minimum. It is tried again every minute.");
        assertThat(cluster.podNames(namespace)).isEmpty();
    }

    @Test
    void whatIsRefusedForAllRungsAlikeIsSaidOnceAndWithItsField() {
        String namespace = cluster.newNamespace();
        cluster.admission.of(namespace, pod -> Optional.of("no PriorityClass with name urgent was found"));
        ImageBuild web = cluster.apply(namespace, "web", "pod: {priorityClassName: urgent}");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(condition(status, "Stalled").message())
                .isEqualTo(
                        "Namespace " + namespace
                                + " admits no builder pod: no PriorityClass with name urgent was found. Look at spec.pod.priorityClassName. It is tried again every minute.");
    }

    @Test
    void aDemandThatIsMetIsPassedOnToTheBuilder() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "web", "isolation: {minimum: nested}");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        assertThat(request(pod).isolation())
                .isEqualTo(new IsolationDemand(Rung.NESTED, "spec.isolation.minimum", java.util.List.of()));
    }

    private static boolean isUnmasked(Pod pod) {
        return "Unmasked"
                .equals(pod.getSpec()
                        .getContainers()
                        .getFirst()
                        .getSecurityContext()
                        .getProcMount());
    }

    private static Optional<String> restricted(Pod pod) {
        var context = pod.getSpec().getContainers().getFirst().getSecurityContext();
        return Boolean.TRUE.equals(context.getRunAsNonRoot()) ? Optional.empty() : Optional.of(RESTRICTED);
    }

    private static BuildRequest request(Pod pod) throws ProtocolMismatch {
        return BuildRequest.parse(
                Objects.requireNonNull(pod.getMetadata().getAnnotations().get(PodFiles.REQUEST_ANNOTATION)));
    }
}
