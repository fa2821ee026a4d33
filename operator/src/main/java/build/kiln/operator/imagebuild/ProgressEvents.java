package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.queue.BuildKey;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.function.Consumer;

/// Wakes the reconciler for what no watch tells: progress in a log, a turn in the queue. And tells the queue of what no
/// reconciler hears: ImageBuilds that are gone.
final class ProgressEvents extends SimpleInboundEventSource<ImageBuild> implements ResourceEventAware<ImageBuild> {

    private volatile Consumer<BuildKey> gone = build -> {};

    ProgressEvents() {
        super("progress");
    }

    /// @param listener told of ImageBuilds that are gone
    void tell(Consumer<BuildKey> listener) {
        gone = listener;
    }

    void wake(BuildKey build) {
        propagateEvent(new ResourceID(build.name(), build.namespace()));
    }

    @Override
    public void onResourceDeleted(ImageBuild build) {
        gone.accept(Tickets.key(build));
    }
}
