package build.kiln.operator.pod;

import build.kiln.crds.ImageBuild;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The labels by which Kueue queues a pod. On an ImageBuild they are meant for its pods; no other label is.
final class KueueLabels {

    private static final List<String> NAMES = List.of("kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class");

    private KueueLabels() {}

    static Map<String, String> of(ImageBuild build) {
        Map<String, String> own = build.getMetadata().getLabels();
        Map<String, String> labels = new LinkedHashMap<>();
        if (own != null) {
            NAMES.stream().filter(own::containsKey).forEach(name -> labels.put(name, own.get(name)));
        }
        return labels;
    }
}
