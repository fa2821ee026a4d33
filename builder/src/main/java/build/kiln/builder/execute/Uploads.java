package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Blobs on their way to registries, each on a thread of its own. How many really move at once, the registry's client
/// decides.
final class Uploads implements AutoCloseable {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentLinkedQueue<Future<?>> started = new ConcurrentLinkedQueue<>();

    Future<?> start(Runnable upload) {
        Future<?> future = threads.submit(upload);
        started.add(future);
        return future;
    }

    /// Waits for all that have been started.
    ///
    /// @throws BuildFailure of the first that failed
    void await() throws InterruptedException {
        List<Future<?>> all = new ArrayList<>(started);
        for (Future<?> upload : all) {
            try {
                upload.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof BuildFailure failure
                        ? failure
                        : new Defect("A layer's upload ended with an unexpected error: " + e.getCause(), e.getCause());
            }
        }
    }

    /// Ends uploads that nobody waits for any more.
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
