package build.kiln.bench.workload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// What base images have besides busybox, a folder for each layer.
public final class BaseFiles {

    private static final String COMPLETE = "complete";
    private static final List<String> COMPILER_PACKAGES = List.of("gcc", "libc6-dev");
    private static final int RUNTIME_FILES = 4000;
    private static final int PACKAGE_FILES = 15_000;

    private BaseFiles() {}

    /// Writes the layers' files, or takes those that are there.
    ///
    /// @throws IOException if this machine lacks what the base is made of
    public static List<Path> write(Base base, Path folder) throws IOException, InterruptedException {
        Path mark = folder.resolve(COMPLETE);
        List<Path> layers = switch (base) {
            case SMALL -> List.of();
            case RUNTIME -> List.of(folder.resolve("runtime"), folder.resolve("libraries"));
            case COMPILER -> List.of(folder.resolve("gcc"));
            case PACKAGES -> List.of(folder.resolve("packages"));
        };
        if (layers.isEmpty() || Files.exists(mark)) {
            return layers;
        }
        for (Path layer : layers) {
            Files.createDirectories(layer);
        }
        switch (base) {
            case SMALL -> {}
            case RUNTIME -> {
                Data.writeMixed(
                        Files.createDirectories(layers.get(0).resolve("opt")).resolve("modules"), 10, 130 << 20);
                Data.writeFiles(layers.get(1).resolve("opt/lib"), 11, RUNTIME_FILES, 1000, 60_000);
            }
            case COMPILER -> copyPackages(layers.getFirst());
            case PACKAGES -> writePackages(layers.getFirst(), folder);
        }
        Files.createFile(mark);
        return layers;
    }

    private static void writePackages(Path layer, Path folder) throws IOException, InterruptedException {
        Path content = folder.resolve("content");
        Data.writeFiles(content.resolve("packages"), 12, PACKAGE_FILES, 300, 6000);
        Files.createDirectories(layer.resolve("var"));
        Files.createDirectories(layer.resolve("usr/lib"));
        output("tar", "--sort=name", "-C", content.toString(), "-cf", layer + "/var/packages.tar", "packages");
    }

    /// The installed files of the compiler's packages and of those that they need, with all links on the way.
    private static void copyPackages(Path layer) throws IOException, InterruptedException {
        Set<String> packages = new LinkedHashSet<>(COMPILER_PACKAGES);
        for (String line : output(
                        "sh",
                        "-c",
                        "apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts"
                                + " --no-breaks --no-replaces --no-enhances --installed "
                                + String.join(" ", COMPILER_PACKAGES)
                                + " | sed -n 's/^\\([a-z0-9].*\\)/\\1/p'")
                .split("\n")) {
            packages.add(line.strip());
        }
        List<String> ask = new ArrayList<>(List.of("dpkg", "-L"));
        packages.stream()
                .filter(name -> !name.isEmpty() && !name.startsWith("perl"))
                .forEach(ask::add);
        for (String file : output(ask.toArray(String[]::new)).split("\n")) {
            if (file.startsWith("/") && !file.startsWith("/usr/share/") && !file.startsWith("/var/")) {
                copy(Path.of(file), layer);
            }
        }
        for (String link : new String[] {"lib", "lib64"}) {
            Files.deleteIfExists(layer.resolve(link));
            Files.createSymbolicLink(layer.resolve(link), Path.of("usr/" + link));
        }
    }

    private static void copy(Path file, Path layer) throws IOException {
        Path parent = file.getParent();
        if (parent == null
                || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path real = parent.toRealPath().resolve(file.getFileName());
        if (!real.startsWith("/usr")) {
            return;
        }
        Path target = layer.resolve(real.toString().substring(1));
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.copy(
                real,
                target,
                LinkOption.NOFOLLOW_LINKS,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        if (text.isBlank() && !command[0].equals("tar")) {
            throw new IOException("\"" + String.join(" ", command) + "\" says nothing: is a package of it missing?");
        }
        return text;
    }
}
