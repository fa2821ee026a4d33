package build.kiln.operator.imagebuild;

import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Reasons;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.dependent.RecentOperationCacheFiller;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates, reads and deletes builder pods.
final class BuilderPodsInCluster {

    private static final Logger LOG = LoggerFactory.getLogger(BuilderPodsInCluster.class);

    private final KubernetesClient client;
    private volatile Optional<RecentOperationCacheFiller<Pod>> cache = Optional.empty();

    BuilderPodsInCluster(KubernetesClient client) {
        this.client = client;
    }

    /// What is created is in this cache at once, and need not be asked for until the watch tells of it.
    void rememberIn(RecentOperationCacheFiller<Pod> podCache) {
        cache = Optional.of(podCache);
    }

    /// What became of the wish for a pod.
    sealed interface Creation {

        record Created(Pod pod) implements Creation {}

        /// It is there already: an earlier run made it, whose notes were lost.
        record Found(Pod pod) implements Creation {}

        /// It cannot be made now, and can later without anybody doing something.
        record Delayed(Reasons reason, String message) implements Creation {}

        /// The API server refuses it as it is.
        ///
        /// @param words the API server's own, without the pod's name
        record NotAdmitted(Reasons reason, String words) implements Creation {}

        /// Somebody has to make room for it.
        record Refused(Reasons reason, String message) implements Creation {}

        /// The namespace is on its way out, and the ImageBuild with it.
        record Pointless() implements Creation {}
    }

    /// What the API server would do with a pod.
    sealed interface Trial {

        /// It would make it, or would as soon as the quota has room.
        ///
        /// @param pod as it would be; an API server that does not know a field leaves it out
        record Admitted(Pod pod) implements Trial {}

        /// @param words the API server's own, without the pod's name
        record NotAdmitted(Reasons reason, String words) implements Trial {}

        /// The namespace is on its way out.
        record Pointless() implements Trial {}
    }

    /// Asks what would become of the pod, and makes none.
    ///
    /// @throws KubernetesClientException if the API server could not answer; to be tried again
    Trial tryOut(Pod desired) {
        try {
            return new Trial.Admitted(client.resource(desired).dryRun(true).create());
        } catch (KubernetesClientException e) {
            String words = ApiWords.of(e);
            return switch (e.getCode()) {
                // Admission comes before the question whether the name is free, and the quota is asked last.
                case 409 -> new Trial.Admitted(desired);
                case 403 -> {
                    if (ApiWords.isOfLeavingNamespace(words)) {
                        yield new Trial.Pointless();
                    }
                    yield ApiWords.isOfQuota(words)
                            ? new Trial.Admitted(desired)
                            : new Trial.NotAdmitted(Reasons.PodForbidden, ApiWords.ofAnyPod(words));
                }
                // One of the cluster's webhooks cannot be tried out: only the pod itself will show.
                case 400, 422 ->
                    words.contains("does not support dry run")
                            ? new Trial.Admitted(desired)
                            : new Trial.NotAdmitted(Reasons.PodInvalid, ApiWords.ofAnyPod(words));
                default -> throw e;
            };
        }
    }

    /// Safe to repeat: a pod of this name that the same ImageBuild owns is taken for the one that was wanted.
    ///
    /// @throws KubernetesClientException if the API server could not answer; to be tried again
    Creation create(Pod desired) {
        try {
            Pod created = client.resource(desired).create();
            cache.ifPresent(c -> c.handleRecentResourceCreate(ResourceID.fromResource(created), created));
            return new Creation.Created(created);
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case 409 -> {
                    if (ApiWords.isOfQuotaInUse(ApiWords.of(e))) {
                        throw e;
                    }
                    yield existing(desired);
                }
                case 403 -> forbidden(desired, e);
                case 400, 422 -> new Creation.NotAdmitted(Reasons.PodInvalid, ApiWords.ofAnyPod(ApiWords.of(e)));
                default -> throw e;
            };
        }
    }

    private Creation existing(Pod desired) {
        String name = desired.getMetadata().getName();
        Optional<Pod> found = get(desired.getMetadata().getNamespace(), name);
        if (found.isEmpty()) {
            return new Creation.Delayed(
                    Reasons.PodNameTaken, "Pod %s was there and is gone; it is made again.".formatted(name));
        }
        String wanted = ownerUid(desired);
        if (ownerUid(found.get()).equals(wanted)) {
            return new Creation.Found(found.get());
        }
        return found.get().getMetadata().getDeletionTimestamp() != null
                        || !ownerUid(found.get()).isEmpty()
                ? new Creation.Delayed(
                        Reasons.PodNameTaken,
                        "Pod %s is still that of an earlier ImageBuild of this name; the build starts when it is gone."
                                .formatted(name))
                : new Creation.Refused(
                        Reasons.PodNameTaken,
                        "There is a pod %s that Kiln did not make. Delete or rename it; it is looked at again every minute."
                                .formatted(name));
    }

    private static Creation forbidden(Pod desired, KubernetesClientException e) {
        String name = desired.getMetadata().getName();
        String words = ApiWords.of(e);
        if (ApiWords.isOfLeavingNamespace(words)) {
            return new Creation.Pointless();
        }
        if (ApiWords.isOfQuota(words)) {
            return new Creation.Delayed(Reasons.QuotaExceeded, QuotaWords.ofPod(name, words));
        }
        return new Creation.NotAdmitted(Reasons.PodForbidden, ApiWords.ofAnyPod(words));
    }

    private static String ownerUid(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .filter(o -> "ImageBuild".equals(o.getKind()))
                .map(OwnerReference::getUid)
                .findFirst()
                .orElse("");
    }

    /// As the API server has it now, not as a cache remembers it.
    Optional<Pod> get(String namespace, String name) {
        return Optional.ofNullable(
                client.pods().inNamespace(namespace).withName(name).get());
    }

    /// Ends the pods. Safe to repeat.
    void delete(String namespace, List<BuilderPod> pods, String why) {
        for (BuilderPod pod : pods) {
            if (!pod.isLeaving()) {
                LOG.atInfo()
                        .addKeyValue("pod", pod.name())
                        .addKeyValue("why", why)
                        .log("Pod is deleted");
                client.pods().inNamespace(namespace).withName(pod.name()).delete();
            }
        }
    }
}
