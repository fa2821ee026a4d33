package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadFilesTest {

    @TempDir
    private Path folder;

    @Test
    void theHashIsThatOfWhatSha256sumPrints() throws Exception {
        Path root = TestTree.of(folder.resolve("root"), "a/x", "a.b", "a/z/y", "Z", "link -> Z", "empty/");
        Files.writeString(root.resolve("two\nlines"), "one");
        Files.writeString(root.resolve("back\\slash and blank"), "");

        String printed = Tool.run(
                root,
                "sh",
                "-c",
                "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -f1 -d' '");

        assertThat(hash(root, ".")).isEqualTo(printed.strip());
    }

    @Test
    void aFileThatIsReadTwiceCountsOnceAndOneThatIsNotReadNotAtAll() throws Exception {
        Path root = TestTree.of(folder.resolve("root"), "a/x", "a/y", "b");

        assertThat(hash(root, "a", "a/x")).isEqualTo(hash(root, "a")).isNotEqualTo(hash(root, "."));
    }

    @Test
    void nothingHasNoHash() throws Exception {
        TestTree.of(folder.resolve("root"), "empty/");

        assertThat(read(folder.resolve("root"), ".").dirHash()).isEmpty();
    }

    private static String hash(Path root, String... patterns) throws IOException {
        return read(root, patterns).dirHash().orElseThrow().hex();
    }

    private static ReadFiles read(Path root, String... patterns) {
        ReadFiles files = new ReadFiles();
        BuildContext context = BuildContext.open(root, DockerIgnore.NOTHING).noting(files);
        ContextDigest digests = new ContextDigest(new FileDigests(FileDigests.NO_STORE, Clock.systemUTC()));
        for (String pattern : patterns) {
            var unused = digests.of(context, context.select(pattern, DockerIgnore.NOTHING, "Dockerfile:2"));
        }
        return files;
    }
}
