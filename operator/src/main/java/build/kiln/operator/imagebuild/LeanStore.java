package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What a watch keeps of each object: what the operator reads of it. With ten thousand builds and their pods in memory,
/// the rest would be most of it.
///
/// Of one watch alone. Several namespaces have a watch each, to which the framework would give the same store; and a
/// watch that has listed its objects throws out of its store whatever it has not seen, which is all of the others.
public final class LeanStore<T extends HasMetadata> extends BasicItemStore<T> {

    /// So many objects are asked for at a time when all of them are listed. The client holds the last answer for as
    /// long as it watches: with ten thousand ImageBuilds in one answer, a quarter of the memory.
    public static final long LISTED_AT_A_TIME = 500;

    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private final Consumer<T> trim;

    private LeanStore(Consumer<T> trim) {
        super(Cache::metaNamespaceKeyFunc);
        this.trim = trim;
    }

    /// @param namespaces that are watched; none are all
    /// @return empty if there are several watches
    public static Optional<LeanStore<ImageBuild>> ofBuilds(Set<String> namespaces) {
        return isOneWatch(namespaces) ? Optional.of(new LeanStore<>(LeanStore::trimBuild)) : Optional.empty();
    }

    /// As [#ofBuilds].
    static Optional<LeanStore<Pod>> ofPods(Set<String> namespaces) {
        return isOneWatch(namespaces) ? Optional.of(new LeanStore<>(LeanStore::trimPod)) : Optional.empty();
    }

    private static boolean isOneWatch(Set<String> namespaces) {
        return namespaces.size() < 2;
    }

    @Override
    public T put(String key, T object) {
        object.getMetadata().setManagedFields(null);
        trim.accept(object);
        return super.put(key, object);
    }

    /// Only the status of ImageBuilds is ever written, so nothing is lost in the cluster.
    private static void trimBuild(ImageBuild build) {
        Map<String, String> annotations = build.getMetadata().getAnnotations();
        if (annotations != null && annotations.containsKey(LAST_APPLIED)) {
            Map<String, String> others = new TreeMap<>(annotations);
            others.remove(LAST_APPLIED);
            build.getMetadata().setAnnotations(others);
        }
    }

    /// Without the request and the files of the builder, which are in annotations, and what only nodes and schedulers
    /// read.
    private static void trimPod(Pod pod) {
        pod.getMetadata().setAnnotations(new TreeMap<>());
        PodSpec spec = pod.getSpec();
        spec.setVolumes(spec.getVolumes().stream()
                .filter(volume -> volume.getPersistentVolumeClaim() != null)
                .toList());
        spec.setTolerations(List.of());
        spec.setAffinity(null);
        spec.setTopologySpreadConstraints(List.of());
        spec.setSecurityContext(null);
        for (Container container : spec.getContainers()) {
            container.setEnv(List.of());
            container.setArgs(List.of());
            container.setCommand(List.of());
            container.setVolumeMounts(List.of());
            container.setSecurityContext(null);
        }
    }
}
