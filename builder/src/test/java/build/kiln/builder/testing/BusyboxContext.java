package build.kiln.builder.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// A build context whose Dockerfile needs no registry: it starts from nothing and brings busybox along.
public final class BusyboxContext {

    private static final Path BUSYBOX = Path.of("/bin/busybox");

    /// What a Dockerfile begins with so that its RUNs have a shell. Two steps.
    public static final String START = """
            FROM scratch
            COPY busybox /bin/busybox
            SHELL ["/bin/busybox", "sh", "-c"]
            RUN for name in sh cat date grep mkdir rm seq sleep touch; do /bin/busybox ln -s busybox /bin/$name; done
            ENV PATH=/bin
            """;

    /// A RUN with [#GATE] waits here until the test opens it.
    public static final String AT_THE_GATE = "until [ -e /gate/open ]; do sleep 0.05; done";

    public static final String GATE = "--mount=type=cache,id=gate,target=/gate";

    private BusyboxContext() {}

    /// Lets all RUNs go on that wait at the gate, now and later.
    ///
    /// @param cache the root of their cache volume
    public static void openGate(Path cache) throws IOException {
        try (Stream<Path> mounts = Files.list(cache.resolve("mounts"))) {
            for (Path mount : mounts.toList()) {
                Files.createFile(mount.resolve("fs/open"));
            }
        }
    }

    /// Makes the folder. Skips the test where busybox is not installed.
    public static Path make(Path folder, String dockerfile) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(BUSYBOX), "needs /bin/busybox (Debian package busybox-static)");
        Files.createDirectories(folder);
        Files.copy(BUSYBOX, folder.resolve("busybox"));
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        return folder;
    }
}
