package build.kiln.builder.app;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.protocol.BuildRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// Interrupts the thread that made it when the time is over, unless it is closed before.
final class Deadline implements AutoCloseable {

    private final Thread watch;
    private final AtomicBoolean over = new AtomicBoolean();

    private Deadline(Thread builder, Duration limit) {
        watch = Thread.ofVirtual().name("deadline").start(() -> {
            try {
                Thread.sleep(limit);
                over.set(true);
                builder.interrupt();
            } catch (InterruptedException e) {
                // The build was faster.
            }
        });
    }

    static Deadline of(Duration limit) {
        return new Deadline(Thread.currentThread(), limit);
    }

    /// The failure as the user should see it: if the time was over, that is the reason.
    BuildFailure explain(BuildFailure failure, BuildRequest request) {
        if (!over.get() || failure.reason() == Reason.TimedOut) {
            return failure;
        }
        return new RequestFailure(
                Reason.TimedOut,
                "spec.timeout",
                "the build was not done after " + request.timeoutSeconds() + " s, and was stopped.",
                "Give it more time, or make it faster.",
                failure);
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
