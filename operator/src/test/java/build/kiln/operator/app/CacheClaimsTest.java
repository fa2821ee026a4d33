package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.PodFiles;
import build.kiln.protocol.ProtocolMismatch;
import build.kiln.protocol.Rung;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The claim that holds a namespace's cache.
class CacheClaimsTest {

    /// As runc 1.3 says it of a volume on NFS.
    private static final String NO_MAPPED_IDS =
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create"
                    + " failed: unable to start container process: error during container init: failed to fulfil mount"
                    + " request: failed to set MOUNT_ATTR_IDMAP on"
                    + " /var/lib/kubelet/pods/7a/volumes/kubernetes.io~nfs/pv-nfs: invalid argument (maybe the filesystem"
                    + " used doesn't support idmap mounts on this kernel?)";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of(
                "KILN_BUILDER_CACHE_CLAIM", "kiln-cache",
                "KILN_BUILDER_CACHE_SIZE", "7Gi",
                "KILN_BUILDER_CACHE_CLASS", "fast"));
    }

    @AfterAll
    static void stop() throws IOException {
        JsonNode role = DocsTest.clusterRole();
        Set<String> requests = cluster.requestsOfTheOperator();
        cluster.close();
        assertThat(requests)
                .contains("get persistentvolumeclaims", "create persistentvolumeclaims")
                .allSatisfy(r -> assertThat(Permissions.allows(role, r)).as(r).isTrue());
    }

    @Test
    void theFirstBuildOfANamespaceMakesTheClaimAndItStays() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        PersistentVolumeClaim claim = Objects.requireNonNull(claim(namespace));
        assertThat(claim.getSpec().getAccessModes()).containsExactly("ReadWriteOnce");
        assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast");
        assertThat(claim.getSpec().getResources().getRequests()).containsEntry("storage", new Quantity("7Gi"));
        assertThat(claim.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(pod.getSpec().getAffinity().getPodAffinity()).isNotNull();
        cluster.end(namespace, "web-1-0", TestCluster.succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.apply(namespace, "api", "");
        cluster.awaitPod(namespace, "api-1-0");
        assertThat(Objects.requireNonNull(claim(namespace)).getMetadata().getUid())
                .isEqualTo(claim.getMetadata().getUid());
    }

    @Test
    void aClaimThatIsThereIsUsedAsItIs() {
        String namespace = cluster.newNamespace();
        cluster.client
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("kiln-cache")
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteMany")
                        .withStorageClassName("of-somebody")
                        .endSpec()
                        .build())
                .create();
        cluster.apply(namespace, "web", "");
        Pod pod = cluster.awaitPod(namespace, "web-1-0");
        assertThat(pod.getSpec().getAffinity()).isNull();
        assertThat(Objects.requireNonNull(claim(namespace)).getSpec().getStorageClassName())
                .isEqualTo("of-somebody");
    }

    @Test
    void aClaimThatAnotherBuildMakesInTheSameMomentIsUsedAtOnce() {
        String namespace = cluster.newNamespace();
        cluster.client
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("kiln-cache")
                        .endMetadata()
                        .build())
                .create();
        cluster.server
                .expect()
                .get()
                .withPath("/api/v1/namespaces/" + namespace + "/persistentvolumeclaims/kiln-cache")
                .andReturn(404, new StatusBuilder().withCode(404).build())
                .once();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.awaitPod(namespace, "web-1-0");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Building);
        assertThat(Objects.requireNonNull(status.build()).attempt()).isZero();
    }

    @Test
    void aBuildWithoutCacheMakesNoClaim() {
        String namespace = cluster.newNamespace();
        cluster.apply(namespace, "web", "cache: {scope: none}");
        cluster.awaitPod(namespace, "web-1-0");
        assertThat(claim(namespace)).isNull();
    }

    @Test
    void aClaimWithoutRoomInTheQuotaIsWaitedFor() {
        String namespace = cluster.newNamespace();
        refuse(
                namespace,
                "persistentvolumeclaims \"kiln-cache\" is forbidden: exceeded quota: q, requested:"
                        + " requests.storage=7Gi, used: requests.storage=0, limited: requests.storage=5Gi");
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(condition(status, "Reconciling").reason()).isEqualTo("QuotaExceeded");
        assertThat(condition(status, "Reconciling").message())
                .isEqualTo("Claim kiln-cache, which is to hold the cache, has no room in the namespace's quota:"
                        + " persistentvolumeclaims \"kiln-cache\" is forbidden: exceeded quota: q, requested:"
                        + " requests.storage=7Gi, used: requests.storage=0, limited: requests.storage=5Gi. The"
                        + " build starts when there is. Look at builder.cache of the chart (KILN_BUILDER_CACHE_…"
                        + " of the operator).");
        assertThat(cluster.podNames(namespace)).isEmpty();
    }

    @Test
    void aClaimThatIsRefusedIsSaidInTheApiServersWords() {
        String namespace = cluster.newNamespace();
        refuse(namespace, "persistentvolumeclaims \"kiln-cache\" is forbidden: no class may be named here.");
        ImageBuild web = cluster.apply(namespace, "web", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(condition(status, "Stalled").reason()).isEqualTo("VolumeUnavailable");
        assertThat(condition(status, "Stalled").message())
                .isEqualTo("The API server refuses claim kiln-cache, which is to hold the cache: persistentvolumeclaims"
                        + " \"kiln-cache\" is forbidden: no class may be named here. Look at builder.cache of the"
                        + " chart (KILN_BUILDER_CACHE_… of the operator); it is tried again every minute.");
    }

    @Test
    void aVolumeWithoutMappedIdsIsSaidAndAnsweredByTheNextRung() throws ProtocolMismatch {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0");
        cluster.end(namespace, "web-1-0", 128, "StartError", NO_MAPPED_IDS);
        Pod second = cluster.awaitPod(namespace, "web-1-1");
        assertThat(second.getSpec().getHostUsers()).isNull();
        BuildRequest request = BuildRequest.parse(
                Objects.requireNonNull(second.getMetadata().getAnnotations().get(PodFiles.REQUEST_ANNOTATION)));
        assertThat(Objects.requireNonNull(request.isolation()).leftOut())
                .singleElement()
                .satisfies(left -> {
                    assertThat(left.rung()).isEqualTo(Rung.USERNS);
                    assertThat(left.reason())
                            .startsWith("Node node-1 cannot mount a volume of the pod with mapped ids (…")
                            .endsWith(
                                    "doesn't support idmap mounts on this kernel?)). NFS knows none; ext4, xfs, btrfs,"
                                            + " tmpfs and CephFS do. Look at builder.cache of the chart"
                                            + " (KILN_BUILDER_CACHE_…) and at spec.source.volume.");
                });
        assertThat(cluster.eventReasons(namespace)).contains("Retrying");
        cluster.end(namespace, "web-1-1", TestCluster.succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.apply(namespace, "api", "");
        assertThat(cluster.awaitPod(namespace, "api-1-0").getSpec().getHostUsers())
                .isNull();
        // What has nothing to do with that volume keeps its user namespace.
        cluster.apply(namespace, "free", "cache: {scope: none}");
        assertThat(cluster.awaitPod(namespace, "free-1-0").getSpec().getHostUsers())
                .isFalse();
    }

    /// Its pod is deleted for it, and nothing else would tell why.
    @Test
    void whatTheNodeRefusesIsNotForgottenWhenItCannotBeWrittenAtOnce() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "retries: 0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.admission.conflict(namespace, "\"nextAttemptAt\"");
        cluster.setStatus(
                namespace,
                "web-1-0",
                status -> status.withPhase("Pending")
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("builder")
                                .withNewState()
                                .withNewWaiting(NO_MAPPED_IDS, "CreateContainerError")
                                .endState()
                                .build()));
        assertThat(cluster.awaitPod(namespace, "web-1-1").getSpec().getHostUsers())
                .isNull();
        cluster.awaitGone(namespace, "web-1-0");
    }

    @Test
    void aMinimumThatTheNodeCannotGiveIsSaidInItsWords() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "isolation: {minimum: userns}");
        cluster.end(namespace, "web-1-0", 128, "StartError", NO_MAPPED_IDS);
        ImageBuildStatus status = cluster.awaitStatus(
                web, s -> s.conditions().stream().anyMatch(c -> c.reason().equals("IsolationUnavailable")));
        assertThat(condition(status, "Stalled").message())
                .contains("spec.isolation.minimum demands, \"userns\" at least. userns: Node node-1 cannot mount a"
                        + " volume")
                .endsWith("Or lower spec.isolation.minimum. It is tried again every minute.");
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    private static @org.jspecify.annotations.Nullable PersistentVolumeClaim claim(String namespace) {
        return cluster.client
                .persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("kiln-cache")
                .get();
    }

    private static void refuse(String namespace, String message) {
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/persistentvolumeclaims")
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withStatus("Failure")
                                .withCode(403)
                                .withReason("Forbidden")
                                .withMessage(message)
                                .build())
                .always();
    }
}
