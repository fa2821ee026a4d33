package build.kiln.local.app;

import build.kiln.local.node.ImageProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Where Kiln's own files are: the folder with the launcher in it.
record ProjectFolder(Path root) {

    List<Path> definitions() {
        return List.of(root.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml"));
    }

    Path example(String name) {
        return root.resolve("examples").resolve(name).resolve("imagebuild.yaml");
    }

    /// The builder as a program of this machine, started as in its image: in namespaces where it is root.
    ImageProgram builder() {
        Path java = Path.of(System.getProperty("java.home"));
        Path enter = root.resolve("builder/src/main/sh/enter-namespaces");
        Path jars = root.resolve("builder/target/lib");
        List<String> command = new ArrayList<>(List.of("/bin/sh", enter.toString(), "--or-stay"));
        Path options = enter.resolveSibling("java-options");
        List<Path> files = new ArrayList<>(List.of(java, enter, options, jars));
        command.add(java.resolve("bin/java").toString());
        command.add("@" + options);
        Path classes = root.resolve("builder/target/kiln.aot");
        if (Files.exists(classes)) {
            command.addAll(List.of("-XX:AOTCache=" + classes, "-Xlog:disable", "-Xlog:all=error:stderr"));
            files.add(classes);
        }
        command.addAll(List.of("-cp", classPath(jars), "build.kiln.builder.app.Kiln"));
        Map<String, String> environment = Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root");
        return new ImageProgram(command, environment, files);
    }

    /// In the order of the shell function `class_path`, which the cache of classes was made with.
    private static String classPath(Path folder) {
        try (Stream<Path> jars = Files.list(folder)) {
            Comparator<Path> order =
                    Comparator.comparing(jar -> !jar.getFileName().toString().matches("(kiln|slf4j)-.*"));
            return String.join(
                    ":",
                    jars.sorted(order.thenComparing(Path::toString))
                            .map(Path::toString)
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("The builder's jars are not there; the launcher ./kiln makes them.", e);
        }
    }
}
