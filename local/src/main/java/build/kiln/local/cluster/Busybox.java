package build.kiln.local.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The machine's busybox.
public final class Busybox {

    private Busybox() {}

    /// Where it is.
    ///
    /// @throws ClusterFailure if it is not installed
    public static Path find() throws IOException {
        for (String folder : List.of("/usr/bin", "/bin", "/usr/local/bin")) {
            Path busybox = Path.of(folder, "busybox");
            if (Files.isExecutable(busybox)) {
                return busybox.toRealPath();
            }
        }
        throw new ClusterFailure(
                "busybox is not installed, and the base image is made of it. Install it: apt-get install busybox-static");
    }

    /// Where busybox's names usually lie: `bin/ls`, `usr/bin/awk`.
    public static List<String> applets(Path busybox) throws IOException {
        Process process = new ProcessBuilder(busybox.toString(), "--list-full").start();
        process.getOutputStream().close();
        String list = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return list.lines().toList();
    }
}
