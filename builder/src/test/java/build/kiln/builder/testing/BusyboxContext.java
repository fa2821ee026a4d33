package build.kiln.builder.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
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

    /// Lets all RUNs go on that wait at the gate, now and later. Waits until the first of them has its cache mount.
    ///
    /// @param cache the root of their cache volume
    public static void openGate(Path cache) throws IOException {
        for (Path mount : gates(cache.resolve("mounts"))) {
            Files.createFile(mount.resolve("fs/open"));
        }
    }

    private static List<Path> gates(Path mounts) throws IOException {
        for (int look = 0; look < 600; look++) {
            try (Stream<Path> all = Files.list(mounts)) {
                List<Path> made =
                        all.filter(m -> Files.isDirectory(m.resolve("fs"))).toList();
                if (!made.isEmpty()) {
                    return made;
                }
            }
            LockSupport.parkNanos(50_000_000);
        }
        throw new IOException("No RUN has made a cache mount below " + mounts + " in half a minute.");
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
