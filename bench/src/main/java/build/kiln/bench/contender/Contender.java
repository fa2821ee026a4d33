package build.kiln.bench.contender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A builder.
public interface Contender {

    /// As it is named on the command line and in results.
    String name();

    /// What has to be installed and is not; empty if it can run.
    Optional<String> missing();

    /// Gets ready to run; a daemon starts here.
    void start() throws IOException, InterruptedException;

    /// Forgets everything: caches, pulled images, layers.
    void reset() throws IOException, InterruptedException;

    /// The process that builds one image and pushes it.
    ProcessBuilder build(Order order);

    /// The process that does the work of the others, if there is one.
    default OptionalLong daemon() {
        return OptionalLong.empty();
    }

    /// Ends the daemon, and deletes all that it left.
    void stop() throws IOException, InterruptedException;

    /// What to build and where it goes.
    ///
    /// @param context with its Dockerfile in it
    /// @param image host, port, repository and tag
    /// @param number tells builds that run at once apart, from 0 on
    record Order(Path context, String image, int number) {}

    /// Where a builder works.
    ///
    /// @param folder its own
    /// @param registry host and port
    record Place(Path folder, String registry) {}

    /// Which programs of a list are not on PATH.
    static Optional<String> notFound(String... programs) {
        List<String> missing = Programs.missing(programs);
        return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", missing) + " not found on PATH");
    }
}
