package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The names and marks of what a COPY reads.
class FileMarksTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectories(folder.resolve("src/deep"));
        Files.writeString(folder.resolve("src/a.c"), "a");
        Files.writeString(folder.resolve("src/deep/b.c"), "b");
        Files.createSymbolicLink(folder.resolve("src/link"), Path.of("a.c"));
        Files.writeString(folder.resolve("readme"), "r");
    }

    @Test
    void filesAreListedByTheirPathInTheContext() {
        assertThat(listing("src", 100).marks()).containsOnlyKeys("src/a.c", "src/deep/b.c", "src/link");
        assertThat(listing("readme", 100).marks()).containsOnlyKeys("readme");
        assertThat(listing("", 100).marks()).containsOnlyKeys("readme", "src/a.c", "src/deep/b.c", "src/link");
    }

    @Test
    void contentModeAndTargetCountAndTimesDoNot() throws IOException {
        FileMarks before = listing("src", 100);
        Files.setLastModifiedTime(folder.resolve("src/a.c"), java.nio.file.attribute.FileTime.fromMillis(5));
        assertThat(listing("src", 100)).isEqualTo(before);

        Files.writeString(folder.resolve("src/a.c"), "other");
        assertThat(changed(before)).containsExactly("src/a.c");
        Files.writeString(folder.resolve("src/a.c"), "a");
        Files.setPosixFilePermissions(folder.resolve("src/a.c"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(changed(before)).containsExactly("src/a.c");
        Files.delete(folder.resolve("src/link"));
        Files.createSymbolicLink(folder.resolve("src/link"), Path.of("deep"));
        assertThat(changed(before)).containsExactly("src/a.c", "src/link");
    }

    @Test
    void ofTooManyFilesDirectoriesAreListed() throws IOException {
        FileMarks before = listing("", 3);
        assertThat(before.marks()).containsOnlyKeys("./", "src/", "src/deep/");
        Files.writeString(folder.resolve("src/deep/b.c"), "other");
        assertThat(listing("", 3).marks().get("src/deep/"))
                .isNotEqualTo(before.marks().get("src/deep/"));
        assertThat(listing("", 3).marks().get("src/")).isEqualTo(before.marks().get("src/"));
        assertThat(listing("", 2).marks()).hasSizeLessThanOrEqualTo(2);
        assertThat(listing("", 1).marks()).containsOnlyKeys("./");
    }

    private List<String> changed(FileMarks before) {
        return listing("src", 100).marks().entrySet().stream()
                .filter(one -> !one.getValue().equals(before.marks().get(one.getKey())))
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    private FileMarks listing(String source, int most) {
        BuildContext context = BuildContext.open(folder, DockerIgnore.NOTHING);
        FileMarks.Collector collector = new FileMarks.Collector(most);
        new ContextDigest(new FileDigests(FileDigests.NO_STORE, Clock.systemUTC()))
                .of(context, context.select(source, DockerIgnore.NOTHING, "Dockerfile:1"), collector);
        return collector.listing();
    }
}
