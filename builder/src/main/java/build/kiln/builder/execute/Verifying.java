package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// The images of a build, being verified one after the other while something else is done: they are on their way to the
/// registry.
public final class Verifying implements AutoCloseable {

    private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
    private final Future<?> verdict;

    private Verifying(Work work) {
        verdict = thread.submit(() -> {
            work.run();
            return true;
        });
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    /// @param whereItIs where the user finds an image that fails, in a whole sentence
    public static Verifying start(ImageVerifier verifier, BuiltImages built, Function<BuiltImage, String> whereItIs) {
        ImageVerifier.Among among =
                built.images().size() > 1 ? ImageVerifier.Among.SEVERAL_PLATFORMS : ImageVerifier.Among.ONE;
        return new Verifying(() -> {
            for (BuiltImage image : built.images()) {
                verifier.verify(image, among, whereItIs.apply(image));
            }
        });
    }

    /// Nobody asked for a verification.
    public static Verifying nothing() {
        return new Verifying(() -> {});
    }

    /// Waits until all have passed.
    ///
    /// @throws BuildFailure of the first that has not
    public void await() throws InterruptedException {
        try {
            verdict.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof BuildFailure failure
                    ? failure
                    : new Defect("A verification ended with an unexpected error: " + e.getCause(), e.getCause());
        }
    }

    /// Ends what still runs, and waits until it has ended.
    @Override
    public void close() {
        thread.shutdownNow();
        thread.close();
    }
}
