package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextDigestTest {

    private static final Clock LATER = Clock.fixed(Instant.now().plus(Duration.ofHours(1)), ZoneOffset.UTC);

    @TempDir
    Path folder;

    private static Digest digest(Path root, String pattern) {
        return digest(root, pattern, 2, FileDigests.NO_STORE);
    }

    private static Digest digest(Path root, String pattern, int threads, FileDigests.Store store) {
        BuildContext context = BuildContext.open(root, DockerIgnore.NOTHING);
        return new ContextDigest(new FileDigests(store, LATER), threads)
                .of(context, context.select(pattern, DockerIgnore.NOTHING, "Dockerfile:2"));
    }

    private static ContentDigest content(byte[] bytes) {
        return ContentDigest.of(Digest.of(bytes));
    }

    private static FileDigests.Store store(Map<FileIdentity, ContentDigest> stored) {
        return new FileDigests.Store() {
            @Override
            public synchronized Optional<ContentDigest> find(FileIdentity file) {
                return Optional.ofNullable(stored.get(file));
            }

            @Override
            public synchronized void remember(FileIdentity file, ContentDigest content) {
                stored.put(file, content);
            }
        };
    }

    @Test
    void anAttributeOfAFileIsPartOfWhatIsReadWhetherItIsEmptyOrNot() throws IOException {
        Files.writeString(folder.resolve("full"), "content");
        Files.createFile(folder.resolve("empty"));
        for (String name : List.of("full", "empty")) {
            Digest without = digest(folder, name);
            setAttribute(folder.resolve(name), "first");
            Digest with = digest(folder, name);
            assertThat(with).as(name).isNotEqualTo(without);
            Files.setAttribute(folder.resolve(name), "user:overlay.opaque", new byte[] {'y'});
            assertThat(digest(folder, name)).as(name).isEqualTo(with);
        }
    }

    @Test
    void foldersTimesAndOrderOfWritingDoNotMatter() throws IOException {
        Path one = TestTree.of(folder.resolve("one"), "a/x", "a/y", "b", "l -> a/x");
        Path two = TestTree.of(folder.resolve("two"), "l -> a/x", "b", "a/y", "a/x");
        Files.setLastModifiedTime(two.resolve("a/x"), FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
        assertThat(digest(one, ".")).isEqualTo(digest(two, "."));
        assertThat(digest(one, "a")).isEqualTo(digest(two, "a")).isNotEqualTo(digest(one, "."));
    }

    @Test
    void filesThatAreOneFileAreNotTwoFiles() throws IOException {
        Path two = TestTree.of(folder.resolve("two"), "a/x", "a/y");
        Path one = TestTree.of(folder.resolve("one"), "a/x");
        Files.write(two.resolve("a/y"), Files.readAllBytes(two.resolve("a/x")));
        Files.createLink(one.resolve("a/y"), one.resolve("a/x"));

        assertThat(digest(one, ".")).isNotEqualTo(digest(two, "."));
        assertThat(digest(one, "a/*")).as("sources of their own").isEqualTo(digest(two, "a/*"));
    }

    @Test
    void everythingThatIsCopiedMatters() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "a/x", "a/y", "l -> a/x", "e/");
        Digest before = digest(root, ".");

        Files.writeString(root.resolve("a/x"), "CONTENT of a/x");
        Digest content = digest(root, ".");
        assertThat(content).isNotEqualTo(before);

        Files.setPosixFilePermissions(root.resolve("a/x"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Digest mode = digest(root, ".");
        assertThat(mode).isNotEqualTo(content);

        Files.setPosixFilePermissions(root.resolve("e"), PosixFilePermissions.fromString("rwx------"));
        Digest directoryMode = digest(root, ".");
        assertThat(directoryMode).isNotEqualTo(mode);

        Files.delete(root.resolve("l"));
        Files.createSymbolicLink(root.resolve("l"), Path.of("a/y"));
        Digest link = digest(root, ".");
        assertThat(link).isNotEqualTo(directoryMode);

        Files.move(root.resolve("a/y"), root.resolve("a/z"));
        assertThat(digest(root, ".")).isNotEqualTo(link);
    }

    @Test
    void aFilesNameMattersAndADirectorysOwnDoesNot() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "one/x", "two/", "f");
        Files.copy(root.resolve("one/x"), root.resolve("two/x"));
        Files.copy(root.resolve("f"), root.resolve("g"));
        assertThat(digest(root, "one")).isEqualTo(digest(root, "two"));
        assertThat(digest(root, "f")).isNotEqualTo(digest(root, "g"));
    }

    @Test
    void whatIsNotCopiedDoesNotMatter() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "src/a", "README");
        Digest before = digest(root, "src");
        Files.writeString(root.resolve("README"), "changed");
        assertThat(digest(root, "src")).isEqualTo(before);
    }

    @Test
    void theNumberOfThreadsDoesNotMatter() throws IOException {
        Path root = folder.resolve("many");
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            byte[] content = new byte[random.nextInt(20_000)];
            random.nextBytes(content);
            Path file = root.resolve("d" + random.nextInt(20)).resolve("f" + i);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
        Digest one = digest(root, ".", 1, FileDigests.NO_STORE);
        assertThat(digest(root, ".", 7, FileDigests.NO_STORE)).isEqualTo(one);
    }

    @Test
    void extendedAttributesMatterThoughAStoreDoesNotKnowThem() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "a", "d/");
        Map<FileIdentity, ContentDigest> stored = new HashMap<>();
        FileDigests.Store store = store(stored);
        Digest before = digest(root, ".", 2, store);
        setAttribute(root.resolve("a"), "one");
        Digest one = digest(root, ".", 2, store);
        setAttribute(root.resolve("a"), "two");
        Digest two = digest(root, ".", 2, store);
        assertThat(List.of(before, one, two)).doesNotHaveDuplicates();
        assertThat(digest(root, ".", 2, store)).isEqualTo(two);

        setAttribute(root.resolve("d"), "one");
        assertThat(digest(root, ".", 2, store)).isNotEqualTo(two);
        assertThat(stored).as("the file as it was without attributes").hasSize(1);
    }

    private static void setAttribute(Path path, String value) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        assumeTrue(view != null, "the file system of " + path + " has no extended attributes");
        view.write("note", ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aStoredDigestSparesTheReading() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "a", "b");
        Map<FileIdentity, ContentDigest> stored = new HashMap<>();
        FileDigests.Store store = store(stored);
        Digest before = digest(root, ".", 2, store);
        assertThat(stored.values())
                .containsExactlyInAnyOrder(content("content of a".getBytes()), content("content of b".getBytes()));
        stored.replaceAll((file, digest) -> content(new byte[0]));
        assertThat(digest(root, ".", 2, store)).isNotEqualTo(before);
    }

    /// procfs gives each file the time at which somebody looked at it first.
    @Test
    void aFileIsReadAgainWhereTheFileSystemDoesNotTellOfChanges() {
        Map<FileIdentity, ContentDigest> stored = new HashMap<>();
        Digest before = digest(Path.of("/proc/sys/kernel"), "ostype", 1, store(stored));
        assertThat(stored).isEmpty();
        FileDigests.Store knowsAll = new FileDigests.Store() {
            @Override
            public Optional<ContentDigest> find(FileIdentity file) {
                return Optional.of(content(new byte[] {1}));
            }

            @Override
            public void remember(FileIdentity file, ContentDigest content) {}
        };
        assertThat(digest(Path.of("/proc/sys/kernel"), "ostype", 1, knowsAll)).isEqualTo(before);
    }

    @Test
    void theDigestOfAFileThatWasChangedJustNowIsNotStored() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "a");
        BuildContext context = BuildContext.open(root, DockerIgnore.NOTHING);
        List<FileIdentity> stored = new java.util.ArrayList<>();
        FileDigests.Store store = new FileDigests.Store() {
            @Override
            public Optional<ContentDigest> find(FileIdentity file) {
                return Optional.empty();
            }

            @Override
            public void remember(FileIdentity file, ContentDigest content) {
                stored.add(file);
            }
        };
        new ContextDigest(new FileDigests(store, Clock.systemUTC()))
                .of(context, context.select(".", DockerIgnore.NOTHING, "Dockerfile:2"));
        assertThat(stored).isEmpty();
    }
}
