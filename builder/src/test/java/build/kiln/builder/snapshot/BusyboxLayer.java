package build.kiln.builder.snapshot;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A layer directory with a small root file system: Debian's static busybox under the names of all its programs.
///
/// Each is a link, so the layer costs two megabytes and some milliseconds.
public final class BusyboxLayer {

    private static final Path BUSYBOX = Path.of("/usr/bin/busybox");

    private BusyboxLayer() {}

    /// Makes the layer, or skips the test where busybox-static is not installed.
    public static Path make(Path layer) throws Exception {
        assumeTrue(Files.isExecutable(BUSYBOX), "busybox is not installed: apt-get install busybox-static");
        for (String folder : new String[] {"bin", "etc", "root", "tmp", "usr", "proc", "sys", "dev"}) {
            Files.createDirectories(layer.resolve(folder));
        }
        Files.copy(BUSYBOX, layer.resolve("bin/busybox"));
        for (String program : programs()) {
            Files.createSymbolicLink(layer.resolve("bin").resolve(program), Path.of("busybox"));
        }
        Files.writeString(layer.resolve("etc/passwd"), """
                root:x:0:0:root:/root:/bin/sh
                daemon:x:1:1:daemon:/usr/sbin:/bin/sh
                app:x:1000:1000:App:/home/app:/bin/sh
                nobody:x:65534:65534:nobody:/:/bin/sh
                """);
        Files.writeString(layer.resolve("etc/group"), """
                root:x:0:
                daemon:x:1:
                app:x:1000:
                audio:x:29:app,daemon
                video:x:44:app
                nogroup:x:65534:
                """);
        Files.setPosixFilePermissions(layer, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(layer.resolve("root"), PosixFilePermissions.fromString("rwx------"));
        Files.setAttribute(layer.resolve("tmp"), "unix:mode", 01777);
        return layer;
    }

    private static Iterable<String> programs() throws IOException, InterruptedException {
        Process list = new ProcessBuilder(BUSYBOX.toString(), "--list").start();
        String names = new String(list.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        list.waitFor();
        return names.lines().filter(name -> !name.equals("busybox")).toList();
    }
}
