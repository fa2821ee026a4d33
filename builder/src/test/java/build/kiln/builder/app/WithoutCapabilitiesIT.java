package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A builder that modes hold for, as under Pod Security "restricted": it owns what it makes, and may do no more than an
/// owner may.
@InNamespaces
class WithoutCapabilitiesIT {

    @TempDir
    private Path own;

    @Test
    void directoriesThatAreReadOnlyAreCopiedFromAStageAndTakenAwayAgain() throws Exception {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM scratch AS made\nCOPY tree /\nCOPY more /\nFROM scratch\nCOPY --from=made / /all/\n");
        write(context.resolve("tree/read/only/file"));
        write(context.resolve("more/read/another"));
        for (String path : new String[] {"tree/read/only", "tree/read", "more/read"}) {
            Files.setPosixFilePermissions(context.resolve(path), PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        Path image = own.resolve("image.tar");
        Tool.run(
                own,
                "setpriv",
                "--bounding-set=-all",
                "--inh-caps=-all",
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "build.kiln.builder.app.Kiln",
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                "--output",
                "type=tar,dest=" + image,
                context.toString());

        assertThat(Tool.run(own, "tar", "-tvf", image.toString())
                        .lines()
                        .map(line -> line.split(" ")[0] + " " + line.substring(line.lastIndexOf(' ') + 1)))
                .containsExactly(
                        "drwxr-xr-x all/",
                        "dr-xr-xr-x all/read/",
                        "-rw-r--r-- all/read/another",
                        "dr-xr-xr-x all/read/only/",
                        "-rw-r--r-- all/read/only/file");
        try (Stream<Path> left = Files.list(own.resolve("cache/tmp"))) {
            assertThat(left).containsExactly(own.resolve("cache/tmp/snapshots"));
        }
        assertThat(own.resolve("cache/tmp/snapshots")).isEmptyDirectory();
    }

    private static void write(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "text");
    }
}
