package build.kiln.local.cluster;

import build.kiln.local.node.ImageProgram;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The builder as it was just compiled: the class path of the tests.
final class BuilderOfThisBuild {

    static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private BuilderOfThisBuild() {}

    static ImageProgram program() {
        Path java = Path.of(System.getProperty("java.home"));
        Path enter = PROJECT.resolve("builder/src/main/sh/enter-namespaces");
        List<String> classPath = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
        Set<Path> files = new LinkedHashSet<>(List.of(java, enter));
        for (String entry : classPath) {
            if (Files.exists(Path.of(entry)) && !entry.contains("test-classes")) {
                files.add(Path.of(entry));
            }
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", enter.toString(), "--or-stay"));
        Path options = enter.resolveSibling("java-options");
        files.add(options);
        command.addAll(List.of(java.resolve("bin/java").toString(), "@" + options));
        command.addAll(List.of("-cp", String.join(":", classPath)));
        command.add("build.kiln.builder.app.Kiln");
        Map<String, String> environment = Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root");
        return new ImageProgram(command, environment, List.copyOf(files));
    }
}
