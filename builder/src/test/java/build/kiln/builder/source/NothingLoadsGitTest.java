package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// jgit has a thousand classes, which nobody pays for who does not build from git.
class NothingLoadsGitTest {

    /// What a build without git does in this room.
    static final class WithoutGit {
        public static void main(String[] arguments) throws IOException {
            Path root = Path.of(arguments[0]);
            var git = new build.kiln.builder.source.git.GitSource(
                    "https://git.invalid/web.git",
                    "",
                    build.kiln.builder.source.git.GitSource.Submodules.LEFT_OUT,
                    build.kiln.builder.source.git.GitSource.Reach.NETWORK,
                    null,
                    build.kiln.builder.source.git.GitSource.Places.RESOURCE);
            BuildFiles files = BuildFiles.find(root, new AskedPath("", "contextDir"), new AskedPath("", "dockerfile"));
            BuildContext context = BuildContext.open(files.context(), DockerIgnore.NOTHING);
            context.walk(
                    context.select(".", DockerIgnore.NOTHING, git.toString()).getFirst(), file -> {});
        }
    }

    @Test
    void noClassOfJgitIsLoadedForAFolder(@TempDir Path folder) throws Exception {
        TestTree.of(folder.resolve("source"), "Dockerfile", "file");
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xlog:class+load:stdout",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutGit.class.getName(),
                        folder.resolve("source").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("build.kiln.builder.source.git.GitSource ").doesNotContain("org.eclipse.jgit");
    }
}
