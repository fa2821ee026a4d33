package build.kiln.builder.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.sandbox.InNamespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class SnapshotsIT {

    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2001-02-03T04:05:06Z"));

    @TempDir
    Path folder;

    private Snapshots snapshots;

    @BeforeEach
    void open() {
        snapshots = Snapshots.open(folder.resolve("cache"));
    }

    @AfterEach
    void close() {
        snapshots.close();
    }

    private Path layer(String name, String... files) throws IOException {
        Path layer = Files.createDirectories(folder.resolve("layers").resolve(name));
        for (String file : files) {
            Files.createDirectories(layer.resolve(file).getParent());
            Files.writeString(layer.resolve(file), name);
        }
        return layer;
    }

    private static List<String> tree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> !path.equals(root))
                    .map(path -> root.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void upperLayersHideLowerOnes() throws Exception {
        Path low = layer("low", "a", "dir/b");
        Path high = layer("high", "a", "dir/c");
        try (Snapshot view = snapshots.view(List.of(low, high))) {
            assertThat(tree(view.root())).containsExactly("a", "dir", "dir/b", "dir/c");
            assertThat(view.root().resolve("a")).hasContent("high");
        }
    }

    @Test
    void changesetHoldsWhatChangedAndNothingElse() throws Exception {
        Path low = layer("low", "kept", "removed", "changed", "dir/old");
        try (RootFilesystem root = snapshots.mount(List.of(low))) {
            Files.writeString(root.root().resolve("new"), "new");
            Files.writeString(root.root().resolve("changed"), "other");
            Files.delete(root.root().resolve("removed"));
            Files.delete(root.root().resolve("dir/old"));
            Files.delete(root.root().resolve("dir"));
            Files.createDirectory(root.root().resolve("dir"));
            Files.createFile(root.root().resolve("gone-again"));
            Files.delete(root.root().resolve("gone-again"));

            Path changeset = root.unmount();

            assertThat(tree(changeset)).containsExactly("changed", "dir", "new", "removed");
            try (Directory directory = Directory.open(changeset)) {
                assertThat(directory.status(bytes("removed")).isOverlayWhiteout())
                        .isTrue();
                assertThat(directory.xattr(bytes("dir"), "user.overlay.opaque")).hasValue(bytes("y"));
            }
        }
        assertThat(tree(low)).containsExactly("changed", "dir", "dir/old", "kept", "removed");
    }

    @Test
    void changesetThatIsMovedAwayOutlivesTheRootFileSystem() throws Exception {
        Path kept = folder.resolve("kept");
        try (RootFilesystem root = snapshots.mount(List.of(layer("low", "a")))) {
            Files.writeString(root.root().resolve("b"), "b");
            Files.move(root.unmount(), kept);
        }
        assertThat(tree(kept)).containsExactly("b");
        try (Snapshot view = snapshots.view(List.of(layer("low"), kept))) {
            assertThat(tree(view.root())).containsExactly("a", "b");
        }
    }

    @Test
    void emptyChainIsAnEmptyRoot() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of());
                Snapshot view = snapshots.view(List.of())) {
            assertThat(tree(root.root())).isEmpty();
            assertThat(tree(view.root())).isEmpty();
            Files.createFile(root.root().resolve("a"));
            assertThat(tree(root.unmount())).containsExactly("a");
        }
    }

    @Test
    void viewCannotBeWritten() throws Exception {
        try (Snapshot view = snapshots.view(List.of(layer("low", "a")))) {
            assertThatThrownBy(() -> Files.createFile(view.root().resolve("b")))
                    .hasMessageContaining("Read-only file system");
        }
    }

    @Test
    void layerThatComesTwiceCountsWhereItComesLast() throws Exception {
        Path first = layer("first", "a", "b");
        Path second = layer("second", "a");
        try (RootFilesystem root = snapshots.mount(List.of(first, second, first))) {
            assertThat(root.root().resolve("a")).hasContent("first");
            assertThat(root.root().resolve("b")).hasContent("first");
        }
    }

    @Test
    void twoHundredLayersAreMountedInAMoment() throws Exception {
        List<Path> layers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            layers.add(layer("a-rather-long-name-for-a-layer-directory-" + "x".repeat(150) + i, "file-" + i));
        }
        long started = System.nanoTime();
        try (RootFilesystem root = snapshots.mount(layers)) {
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            assertThat(tree(root.root())).hasSize(200);
            assertThat(took).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void rootDirectoryKeepsItsOwnerModeAndTime() throws Exception {
        Path low = layer("low", "a");
        Files.setAttribute(low, "unix:mode", 01770);
        Files.setAttribute(low, "unix:uid", 1234);
        Files.setLastModifiedTime(low, LONG_AGO);
        try (RootFilesystem root = snapshots.mount(List.of(low))) {
            assertThat((int) Files.getAttribute(root.root(), "unix:mode") & 07777)
                    .isEqualTo(01770);
            assertThat(Files.getAttribute(root.root(), "unix:uid")).isEqualTo(1234);
            assertThat(Files.getLastModifiedTime(root.root())).isEqualTo(LONG_AGO);
        }
    }

    @Test
    void mountPointsLeaveNoTrace() throws Exception {
        Path low = layer("low", "etc/passwd", "srv/data/file");
        for (String path : List.of("etc", "srv", "srv/data")) {
            Files.setLastModifiedTime(low.resolve(path), LONG_AGO);
        }
        Files.setLastModifiedTime(low, LONG_AGO);
        try (RootFilesystem root = snapshots.mount(List.of(low))) {
            assertThat(root.mountPointForFile("/etc/hosts")).isRegularFile();
            assertThat(root.mountPointForDirectory("/srv/data/deep/er")).isDirectory();
            assertThat(root.mountPointForDirectory("/quite/new")).isDirectory();
            assertThat(Files.getLastModifiedTime(root.root().resolve("etc"))).isEqualTo(LONG_AGO);

            Path changeset = root.unmount();

            assertThat(tree(changeset)).isEmpty();
            assertThat(Files.getLastModifiedTime(changeset)).isEqualTo(LONG_AGO);
        }
    }

    @Test
    void mountPointStaysIfTheProcessUsedIt() throws Exception {
        Path low = layer("low", "etc/passwd");
        try (RootFilesystem root = snapshots.mount(List.of(low))) {
            root.mountPointForDirectory("/var/cache/tool");
            root.mountPointForFile("/etc/hosts");
            Files.writeString(root.root().resolve("var/cache/other"), "x");
            Files.writeString(root.root().resolve("etc/added"), "x");

            assertThat(tree(root.unmount())).containsExactly("etc", "etc/added", "var", "var/cache", "var/cache/other");
        }
    }

    @Test
    void mountPointIsFoundThroughLinksOfTheImage() throws Exception {
        Path low = layer("low", "run/existing");
        Files.createDirectories(low.resolve("etc"));
        Files.createSymbolicLink(low.resolve("etc/resolv.conf"), Path.of("../../../run/resolv/stub.conf"));
        Files.createSymbolicLink(low.resolve("var"), Path.of("/run"));
        try (RootFilesystem root = snapshots.mount(List.of(low))) {
            assertThat(root.mountPointForFile("/etc/resolv.conf"))
                    .isEqualTo(root.root().resolve("run/resolv/stub.conf"))
                    .isRegularFile();
            assertThat(root.resolve("/var/existing")).isEqualTo(root.root().resolve("run/existing"));
            assertThat(tree(root.unmount())).isEmpty();
        }
    }

    @Test
    void linksThatGoInACircleAreAnError() throws Exception {
        Path low = layer("low", "a");
        Files.createSymbolicLink(low.resolve("x"), Path.of("y"));
        Files.createSymbolicLink(low.resolve("y"), Path.of("x"));
        try (Snapshot view = snapshots.view(List.of(low))) {
            assertThatThrownBy(() -> view.resolve("/x/file"))
                    .isInstanceOfSatisfying(
                            PlatformFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.PathEscapes))
                    .hasMessage(
                            "/x/file: The path leads through more than 40 symbolic links. Look for links in the image"
                                    + " that go round in a circle.");
        }
    }

    @Test
    void madeDirectoriesBelongToTheUserAndStay() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(layer("low", "home/file")))) {
            root.makeDirectories("/home/app/work", 1000, 1001);
            Path changeset = root.unmount();
            try (Directory directory = Directory.open(changeset.resolve("home/app"))) {
                FileStatus status = directory.status(bytes("work"));
                assertThat(List.of(status.uid(), status.gid(), (long) status.mode()))
                        .containsExactly(1000L, 1001L, 0755L);
            }
        }
    }

    @Test
    void pathThatLeadsThroughAFileIsTheUsersFault() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(layer("low", "etc/passwd")))) {
            assertThatThrownBy(() -> root.mountPointForDirectory("/etc/passwd/data"))
                    .isInstanceOfSatisfying(
                            PlatformFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.RunFailed))
                    .hasMessageStartingWith(
                            "/etc/passwd/data: There is no such path in the image, and it cannot be made: ")
                    .hasMessageContaining("not a directory (ENOTDIR)")
                    .hasMessageEndingWith("Look whether something on the way to it is a file, or choose another path.");
            assertThatThrownBy(() -> root.makeDirectories("/etc/passwd/data", 0, 0))
                    .hasMessageStartingWith("/etc/passwd: There is no such path in the image, and it cannot be made: ");
        }
    }

    @Test
    void overlayOnAnOverlaySaysWhatToDo() throws Exception {
        try (RootFilesystem container = snapshots.mount(List.of(layer("low", "a")))) {
            try (Snapshots inside = Snapshots.open(container.root())) {
                assertThatThrownBy(() -> inside.mount(List.of(layer("low"))))
                        .isInstanceOfSatisfying(
                                PlatformFailure.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.IsolationUnavailable))
                        .hasMessageContaining("An image of 1 layers could not be mounted: ")
                        .hasMessageEndingWith("The folder lies on an overlay itself (a container's own root), which"
                                + " cannot hold the changes of another one. Put the cache on a volume: a claim, an"
                                + " emptyDir, or a folder of the machine.");
            }
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedByTheNext() throws Exception {
        Path cache = folder.resolve("shared");
        Process child = new ProcessBuilder(
                        Path.of("src/main/sh/enter-namespaces").toAbsolutePath().toString(),
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MountsAndWaits.class.getName(),
                        cache.toString(),
                        layer("low", "a").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String mounted = new String(child.getInputStream().readNBytes(7), StandardCharsets.US_ASCII);
        assertThat(mounted).isEqualTo("mounted");
        assertThat(entries(cache.resolve("snapshots"))).hasSize(2);
        try (Snapshots other = Snapshots.open(cache)) {
            assertThat(entries(cache.resolve("snapshots")))
                    .as("the living are left alone")
                    .hasSize(4);
        }

        child.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        try (Snapshots other = Snapshots.open(cache)) {
            assertThat(entries(cache.resolve("snapshots"))).hasSize(2);
        }
        assertThat(entries(cache.resolve("snapshots"))).isEmpty();
    }

    private static List<String> entries(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A builder that is killed in the middle. It has a mount namespace of its own, as builders have.
    static final class MountsAndWaits {

        private MountsAndWaits() {}

        public static void main(String[] args) throws Exception {
            Snapshots snapshots = Snapshots.open(Path.of(args[0]));
            RootFilesystem root = snapshots.mount(List.of(Path.of(args[1])));
            Files.createDirectory(root.root().resolve("closed"));
            Files.setAttribute(root.root().resolve("closed"), "unix:mode", 0, LinkOption.NOFOLLOW_LINKS);
            System.out.print("mounted");
            System.out.flush();
            Thread.sleep(60_000);
        }
    }
}
