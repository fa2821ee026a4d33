package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What only another process can show: limits of the heap, and surroundings that must not matter.
class LayerProcessIT {

    @TempDir
    Path folder;

    @Test
    void gigabyteFitsThroughASmallHeap() throws Exception {
        String[] digests = run("umask 022", "-Xmx96m", "GZIP", Long.toString(1L << 30));
        assertThat(digests[0]).startsWith("sha256:");
    }

    @Test
    void surroundingsDoNotMatter() throws Exception {
        Path first = tree("first", 1);
        Path second = tree("a second one, made in another order", 2);
        String[] one = run("umask 022; export TZ=UTC LC_ALL=C.UTF-8", "-Duser.language=en", "GZIP", first.toString());
        String[] two = run(
                "umask 077; export TZ=Asia/Kathmandu LC_ALL=C LANG=tr_TR.UTF-8",
                "-Duser.language=tr",
                "GZIP",
                second.toString());
        assertThat(two).isEqualTo(one);
        assertThat(run("umask 0; ulimit -n 64", "-XX:ActiveProcessorCount=1", "GZIP", first.toString()))
                .isEqualTo(one);
        assertThat(run("umask 0", "-XX:ActiveProcessorCount=7", "GZIP", first.toString()))
                .isEqualTo(one);
    }

    /// The same files, made in an order that the seed decides.
    private Path tree(String name, long seed) throws IOException {
        Path root = Files.createDirectory(folder.resolve(name));
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            numbers.add(i);
        }
        Collections.shuffle(numbers, new Random(seed));
        for (int i : numbers) {
            Path directory = Files.createDirectories(root.resolve("d" + i % 7));
            Path file = directory.resolve("f" + i * 31 % 97 + (i % 3 == 0 ? "\u00c4\u0131" : "I") + i);
            byte[] content = new byte[i * 53];
            new Random(i).nextBytes(content);
            Files.write(file, content);
            Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_600_000_000_123L + i));
        }
        return root;
    }

    private static String[] run(String before, String option, String... args) throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                before + "; exec \"$@\"",
                "sh",
                java,
                "--enable-native-access=ALL-UNNAMED",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                LayerOfFolder.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip().split(" ");
    }
}
