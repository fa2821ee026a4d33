package build.kiln.builder.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Ends several things, each though an earlier one could not be ended.
final class Endings {

    interface Ending {
        void run() throws IOException;
    }

    private @Nullable RuntimeException failure;

    void end(Ending ending) {
        try {
            ending.run();
        } catch (IOException e) {
            failed(new UncheckedIOException(e));
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(RuntimeException e) {
        RuntimeException first = failure;
        if (first == null) {
            failure = e;
        } else {
            first.addSuppressed(e);
        }
    }

    /// Throws the first failure, which has the others with it.
    void failIfOneFailed() {
        if (failure != null) {
            throw failure;
        }
    }
}
