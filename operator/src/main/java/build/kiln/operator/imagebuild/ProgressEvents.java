package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/// Wakes the reconciler for what no watch tells: progress in a log, a place in the queue.
final class ProgressEvents extends SimpleInboundEventSource<ImageBuild> {

    ProgressEvents() {
        super("progress");
    }
}
