package build.kiln.operator.imagebuild;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Events of a pod and of its claims: the only place where the cluster says why a volume is not there.
final class PodEvents {

    private static final Logger LOG = LoggerFactory.getLogger(PodEvents.class);

    private final KubernetesClient client;

    PodEvents(KubernetesClient client) {
        this.client = client;
    }

    /// Never fails: without them, a condition says less.
    List<Event> of(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        try {
            List<Event> events =
                    new ArrayList<>(about(namespace, "Pod", pod.getMetadata().getName()));
            events.removeIf(e -> !Objects.equals(
                    e.getInvolvedObject().getUid(), pod.getMetadata().getUid()));
            for (Volume volume : pod.getSpec().getVolumes()) {
                if (volume.getPersistentVolumeClaim() != null) {
                    events.addAll(about(
                            namespace,
                            "PersistentVolumeClaim",
                            volume.getPersistentVolumeClaim().getClaimName()));
                }
            }
            return events;
        } catch (KubernetesClientException e) {
            LOG.atWarn()
                    .addKeyValue("pod", pod.getMetadata().getName())
                    .addKeyValue("code", e.getCode())
                    .log("The Events of a pod cannot be read: {}", e.getMessage());
            return List.of();
        }
    }

    private List<Event> about(String namespace, String kind, String name) {
        return client
                .v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.kind", kind)
                .withField("involvedObject.name", name)
                .list()
                .getItems()
                .stream()
                .filter(e -> isAbout(e.getInvolvedObject(), kind, name))
                .toList();
    }

    private static boolean isAbout(ObjectReference object, String kind, String name) {
        return object != null && kind.equals(object.getKind()) && name.equals(object.getName());
    }
}
