package build.kiln.builder.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Folders for tests, made by hand.
final class TestTree {

    private TestTree() {}

    /// Makes a file `a/b`, a folder `a/b/`, or a link `a/b -> target` for each line.
    static Path of(Path root, String... lines) throws IOException {
        Files.createDirectories(root);
        for (String line : lines) {
            int arrow = line.indexOf(" -> ");
            Path path = root.resolve(arrow < 0 ? line : line.substring(0, arrow));
            Files.createDirectories(path.getParent());
            if (arrow >= 0) {
                Files.createSymbolicLink(path, Path.of(line.substring(arrow + 4)));
            } else if (line.endsWith("/")) {
                Files.createDirectories(path);
            } else {
                Files.writeString(path, "content of " + line);
            }
        }
        try (var all = Files.walk(root)) {
            for (Path one : all.toList()) {
                if (!Files.isSymbolicLink(one)) {
                    boolean folder = Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS);
                    Files.setPosixFilePermissions(
                            one, PosixFilePermissions.fromString(folder ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
        return root;
    }

    /// The paths that a walk over all that a pattern selects gives, with the name of what is selected in front.
    static List<String> paths(BuildContext context, String pattern) throws IOException {
        return paths(context, pattern, DockerIgnore.NOTHING);
    }

    static List<String> paths(BuildContext context, String pattern, DockerIgnore excludes) throws IOException {
        List<String> paths = new ArrayList<>();
        for (Selected one : context.select(pattern, excludes, "Dockerfile:2")) {
            context.walk(one, file -> paths.add(one.name() + ":" + file.path()));
        }
        return paths;
    }
}
