package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.queue.BuildKey;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Optional;

/// Wakes the reconciler for what no watch tells: progress in a log, a turn in the queue. And tells the queue of what no
/// reconciler hears: ImageBuilds that are gone.
final class ProgressEvents extends SimpleInboundEventSource<ImageBuild> implements ResourceEventAware<ImageBuild> {

    private volatile Optional<Cluster> cluster = Optional.empty();

    ProgressEvents() {
        super("progress");
    }

    void tell(Cluster listener) {
        cluster = Optional.of(listener);
    }

    void wake(BuildKey build) {
        propagateEvent(new ResourceID(build.name(), build.namespace()));
    }

    @Override
    public void onResourceDeleted(ImageBuild build) {
        cluster.ifPresent(c -> c.gone(Tickets.key(build)));
    }
}
