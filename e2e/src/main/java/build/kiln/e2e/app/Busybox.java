package build.kiln.e2e.app;

import build.kiln.e2e.registry.RegistryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// This machine's busybox, which the suite's base image is made of.
final class Busybox {

    private Busybox() {}

    /// @throws RegistryFailure if it is not installed
    static Path find() throws IOException {
        for (String folder : List.of("/usr/bin", "/bin", "/usr/local/bin")) {
            Path busybox = Path.of(folder, "busybox");
            if (Files.isExecutable(busybox)) {
                return busybox.toRealPath();
            }
        }
        throw new RegistryFailure(
                "busybox is not installed, and the suite's base image is made of it. Install it: apt-get install"
                        + " busybox-static");
    }

    /// Where its names usually lie: `bin/ls`, `usr/bin/awk`.
    static List<String> applets(Path busybox) throws IOException {
        Process process = new ProcessBuilder(busybox.toString(), "--list-full").start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
