package build.kiln.builder.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// A build context whose Dockerfile needs no registry: it starts from nothing and brings busybox along.
public final class BusyboxContext {

    private static final Path BUSYBOX = Path.of("/bin/busybox");

    /// What a Dockerfile begins with so that its RUNs have a shell. Two steps.
    public static final String START = """
            FROM scratch
            COPY busybox /bin/busybox
            SHELL ["/bin/busybox", "sh", "-c"]
            RUN for name in sh cat date grep mkdir rm seq sleep; do /bin/busybox ln -s busybox /bin/$name; done
            ENV PATH=/bin
            """;

    private BusyboxContext() {}

    /// Makes the folder. Skips the test where busybox is not installed.
    public static Path make(Path folder, String dockerfile) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(BUSYBOX), "needs /bin/busybox (Debian package busybox-static)");
        Files.createDirectories(folder);
        Files.copy(BUSYBOX, folder.resolve("busybox"));
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        return folder;
    }
}
