package build.kiln.builder.execute;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a build leaves in order behind it and the image does not wait for: it is done while the image is sent.
final class Afterwards implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Afterwards.class);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// Begins with it now. No failure of it is one of the build.
    void run(Runnable work) {
        threads.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.warn("The build has left something undone that others can do without: {}", e.toString());
            }
        });
    }

    /// Waits until all of it is done.
    @Override
    public void close() {
        threads.close();
    }
}
