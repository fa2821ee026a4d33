package build.kiln.operator.pod;

import build.kiln.crds.ImageBuild;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The labels by which Kueue queues a pod. On an ImageBuild they are meant for the pods that build; no other label is.
final class KueueLabels {

    private static final List<String> NAMES = List.of("kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class");

    private KueueLabels() {}

    /// The labels of `spec.pod.labels` and these. A pod that only looks at base images waits in no queue.
    static Map<String, String> with(ImageBuild build, PodPart part) {
        Map<String, String> own = build.getMetadata().getLabels();
        Map<String, String> labels = new LinkedHashMap<>();
        if (own != null) {
            NAMES.stream().filter(own::containsKey).forEach(name -> labels.put(name, own.get(name)));
        }
        labels.putAll(build.getSpec().pod().labels());
        if (part instanceof PodPart.BaseImages) {
            labels.keySet().removeAll(NAMES);
        }
        return labels;
    }
}
