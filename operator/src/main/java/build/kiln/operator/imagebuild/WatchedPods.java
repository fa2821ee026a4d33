package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Optional;

/// The watch on builder pods: wakes the ImageBuild that a pod belongs to, and tells the queue of each pod, also of one
/// whose ImageBuild is gone.
final class WatchedPods extends InformerEventSource<Pod, ImageBuild> {

    private volatile Optional<Cluster> cluster = Optional.empty();

    WatchedPods(InformerEventSourceConfiguration<Pod> configuration, EventSourceContext<ImageBuild> context) {
        super(configuration, context);
    }

    void tell(Cluster listener) {
        cluster = Optional.of(listener);
    }

    @Override
    public void onAdd(Pod pod) {
        cluster.ifPresent(c -> c.seen(pod));
        super.onAdd(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
        cluster.ifPresent(c -> c.seen(pod));
        super.onUpdate(before, pod);
    }

    @Override
    public void onDelete(Pod pod, boolean isLastStateUnknown) {
        cluster.ifPresent(c -> c.gone(pod));
        super.onDelete(pod, isLastStateUnknown);
    }
}
