package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileTreeTest {

    private static final Attributes ATTRIBUTES = new Attributes(0755, 0, 0, Instant.EPOCH);

    private final FileTree tree = FileTree.of(List.of(
            index(
                    directory("etc"),
                    file("etc/hosts"),
                    file("etc/passwd"),
                    directory("usr"),
                    directory("usr/lib"),
                    file("usr/lib/a.so"),
                    file("usr/lib/b.so"),
                    symlink("lib", "usr/lib"),
                    directory("var"),
                    directory("var/cache"),
                    file("var/cache/old")),
            index(
                    directory("etc"),
                    new LayerEntry.Whiteout(LayerPath.of("etc/hosts")),
                    file("etc/new"),
                    new LayerEntry.HardLink(LayerPath.of("etc/other"), ATTRIBUTES, LayerPath.of("etc/new")),
                    directory("var"),
                    directory("var/cache"),
                    new LayerEntry.Opaque(LayerPath.of("var/cache")),
                    file("var/cache/new")),
            index(file("usr/lib/c.so"), file("opt/app/run"), file("var/cache/newer"))));

    @Test
    void whiteoutHidesFileOfLowerLayer() {
        assertThat(tree.lookup(LayerPath.of("etc/hosts"))).isEmpty();
        assertThat(names("etc")).containsExactly("/etc/new", "/etc/other", "/etc/passwd");
    }

    @Test
    void opaqueDirectoryHidesWhatLiesBelowItAndNotWhatLiesAbove() {
        assertThat(names("var/cache")).containsExactly("/var/cache/new", "/var/cache/newer");
        assertThat(tree.lookup(LayerPath.of("var/cache/old"))).isEmpty();
    }

    @Test
    void directoryThatALayerOnlyImpliesKeepsTheAttributesOfTheLowerOne() {
        TreeEntry lib = tree.lookup(LayerPath.of("usr/lib")).orElseThrow();
        assertThat(lib.layer()).isZero();
        assertThat(names("usr/lib")).containsExactly("/usr/lib/a.so", "/usr/lib/b.so", "/usr/lib/c.so");
    }

    @Test
    void directoryThatNoLayerHasIsRoots() {
        TreeEntry app = tree.lookup(LayerPath.of("opt/app")).orElseThrow();
        assertThat(app.layer()).isEqualTo(-1);
        assertThat(app.entry()).isEqualTo(new LayerEntry.Directory(LayerPath.of("opt/app"), ATTRIBUTES));
    }

    @Test
    void hardLinkIsTheFileItNames() {
        LayerEntry other = tree.lookup(LayerPath.of("etc/other")).orElseThrow().entry();
        assertThat(other).isInstanceOf(LayerEntry.File.class);
        assertThat(other.path()).isEqualTo(LayerPath.of("etc/other"));
    }

    @Test
    void linksAreFollowedWithinTheRoot() throws Exception {
        assertThat(tree.resolve("/lib/a.so")).isEqualTo(LayerPath.of("usr/lib/a.so"));
        assertThat(tree.resolve("lib/missing/x")).isEqualTo(LayerPath.of("usr/lib/missing/x"));
        assertThat(tree.resolve("/../../lib/../x")).isEqualTo(LayerPath.of("usr/x"));
        assertThat(tree.resolveParent(LayerPath.of("lib"))).isEqualTo(LayerPath.of("lib"));
        assertThat(tree.resolve(LayerPath.of("lib"))).isEqualTo(LayerPath.of("usr/lib"));
        assertThat(tree.lookup(LayerPath.of("lib/a.so"))).isEmpty();
    }

    @Test
    void absoluteLinkStartsAtTheRootAgain() throws Exception {
        FileTree more = tree.withLayer(index(directory("a"), symlink("a/l", "/lib/../..//etc/./passwd")));
        assertThat(more.resolve("a/l")).isEqualTo(LayerPath.of("etc/passwd"));
    }

    @Test
    void linksInCirclesAreAFailure() throws Exception {
        FileTree circle = tree.withLayer(index(symlink("x", "y"), symlink("y", "x")));
        assertThatThrownBy(() -> circle.resolve("/x/z"))
                .isInstanceOf(FileSystemLoopException.class)
                .hasMessage("/x/z");
    }

    @Test
    void fileInPlaceOfADirectoryHidesAllOfIt() throws Exception {
        FileTree more = tree.withLayer(index(file("usr")));
        assertThat(more.lookup(LayerPath.of("usr/lib/a.so"))).isEmpty();
        assertThat(more.list(LayerPath.of("usr"))).isEmpty();
        FileTree again = more.withLayer(index(directory("usr"), file("usr/x")));
        assertThat(again.list(LayerPath.of("usr"))).hasSize(1);
    }

    @Test
    void walkVisitsDirectoriesBeforeTheirContent() {
        List<String> seen = new ArrayList<>();
        tree.walk(LayerPath.of("etc"), entry -> seen.add(entry.path().toString()));
        assertThat(seen).containsExactly("/etc", "/etc/new", "/etc/other", "/etc/passwd");
        List<String> all = new ArrayList<>();
        tree.walk(LayerPath.ROOT, entry -> all.add(entry.path().toString()));
        assertThat(all)
                .startsWith("/", "/etc", "/etc/new")
                .endsWith("/var", "/var/cache", "/var/cache/new", "/var/cache/newer")
                .doesNotHaveDuplicates()
                .hasSize(18);
    }

    @Test
    void emptyTreeHasARoot() {
        FileTree empty = FileTree.of(List.of());
        assertThat(empty.lookup(LayerPath.ROOT)).isPresent();
        assertThat(empty.list(LayerPath.ROOT)).isEmpty();
        assertThat(empty.lookup(LayerPath.of("a"))).isEmpty();
    }

    private List<String> names(String directory) {
        return tree.list(LayerPath.of(directory)).stream()
                .map(entry -> entry.path().toString())
                .toList();
    }

    private static LayerEntry directory(String path) {
        return new LayerEntry.Directory(LayerPath.of(path), ATTRIBUTES);
    }

    private static LayerEntry file(String path) {
        return new LayerEntry.File(LayerPath.of(path), ATTRIBUTES, 1, Bytes.of(new byte[32]));
    }

    private static LayerEntry symlink(String path, String target) {
        return new LayerEntry.Symlink(LayerPath.of(path), ATTRIBUTES, Bytes.of(target));
    }

    private static LayerIndex index(LayerEntry... entries) {
        IndexBuilder builder = new IndexBuilder();
        try {
            for (LayerEntry entry : entries) {
                builder.add(entry);
            }
            return builder.build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
