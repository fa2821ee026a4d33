package build.kiln.builder.cache;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.ContentDigest;
import build.kiln.builder.source.FileIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownContentsTest {

    @TempDir
    private Path folder;

    @Test
    void whatOneBuildReadTheNextOneKnows() {
        try (KnownContents contents = open(10)) {
            IntStream.range(0, 8).forEach(i -> contents.remember(file(i, 1), digest(i)));
        }
        try (KnownContents contents = open(10)) {
            IntStream.range(0, 8)
                    .forEach(i -> assertThat(contents.find(file(i, 1))).contains(digest(i)));
            assertThat(contents.find(file(8, 1))).isEmpty();
        }
    }

    @Test
    void theOrderOfTheQuestionsDoesNotMatter() {
        try (KnownContents contents = open(10)) {
            IntStream.range(0, 8).forEach(i -> contents.remember(file(i, 1), digest(i)));
        }
        try (KnownContents contents = open(10)) {
            for (int i : new int[] {7, 8, 0, 1, 2, 5, 4, 4, 9, 6, 7}) {
                assertThat(contents.find(file(i, 1)).map(ContentDigest::toString))
                        .isEqualTo(i < 8 ? Optional.of(digest(i).toString()) : Optional.empty());
            }
        }
    }

    @Test
    void everyPartOfAnIdentityCounts() {
        FileIdentity file = new FileIdentity(1, 2, 3, 4, 5);
        try (KnownContents contents = open(10)) {
            contents.remember(file, digest(1));
        }
        try (KnownContents contents = open(10)) {
            assertThat(contents.find(file)).isPresent();
            assertThat(contents.find(new FileIdentity(9, 2, 3, 4, 5))).isEmpty();
            assertThat(contents.find(new FileIdentity(1, 9, 3, 4, 5))).isEmpty();
            assertThat(contents.find(new FileIdentity(1, 2, 9, 4, 5))).isEmpty();
            assertThat(contents.find(new FileIdentity(1, 2, 3, 9, 5))).isEmpty();
            assertThat(contents.find(new FileIdentity(1, 2, 3, 4, 9))).isEmpty();
        }
    }

    @Test
    void newerVersionOfAFileReplacesTheOlder() {
        try (KnownContents contents = open(10)) {
            contents.remember(file(1, 1), digest(1));
            contents.remember(file(2, 1), digest(2));
        }
        try (KnownContents contents = open(10)) {
            contents.remember(file(1, 7), digest(3));
        }
        try (KnownContents contents = open(10)) {
            assertThat(contents.find(file(1, 1))).isEmpty();
            assertThat(contents.find(file(1, 7))).contains(digest(3));
            assertThat(contents.find(file(2, 1))).contains(digest(2));
        }
    }

    @Test
    void whatABuildHasNotUsedMakesRoomFirst() {
        try (KnownContents contents = open(3)) {
            IntStream.range(0, 3).forEach(i -> contents.remember(file(i, 1), digest(i)));
        }
        try (KnownContents contents = open(3)) {
            assertThat(contents.find(file(2, 1))).isPresent();
            IntStream.range(10, 12).forEach(i -> contents.remember(file(i, 1), digest(i)));
        }
        try (KnownContents contents = open(3)) {
            assertThat(IntStream.of(0, 1, 2, 10, 11)
                            .filter(i -> contents.find(file(i, 1)).isPresent()))
                    .containsExactly(2, 10, 11);
        }
    }

    @Test
    void damagedFileKnowsNothingAndIsWrittenAgain() throws IOException {
        try (KnownContents contents = open(10)) {
            contents.remember(file(1, 1), digest(1));
        }
        byte[] bytes = Files.readAllBytes(folder.resolve("contents"));
        for (int at : new int[] {0, 16, 60, 87, bytes.length - 1}) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 1;
            Files.write(folder.resolve("contents"), damaged);
            assertThat(open(10).find(file(1, 1))).as("damaged at byte " + at).isEmpty();
        }
        try (KnownContents contents = open(10)) {
            contents.remember(file(1, 1), digest(1));
        }
        assertThat(open(10).find(file(1, 1))).contains(digest(1));
    }

    @Test
    void nothingNewWritesNothing() {
        try (KnownContents contents = open(10)) {
            assertThat(contents.find(file(1, 1))).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    private KnownContents open(int mostRecords) {
        return new KnownContents(folder.resolve("contents"), folder, mostRecords);
    }

    private static FileIdentity file(int inode, long changed) {
        return new FileIdentity(7, inode, 100, 1, changed);
    }

    private static ContentDigest digest(int content) {
        return ContentDigest.of(Digest.of(Integer.toString(content).getBytes(StandardCharsets.UTF_8)));
    }
}
