package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.MountFlag;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.sandbox.InNamespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The merged view of random chains of layers against an overlay mount of the same.
@InNamespaces
class FileTreeIT {

    private static final int LAYERS = 4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 20, 30, 40})
    void treeIsWhatAnOverlayShows(int firstSeed) throws Exception {
        for (int seed = firstSeed; seed < firstSeed + 5; seed++) {
            Path directory = Files.createDirectory(folder.resolve("chain" + seed));
            List<LayerIndex> chain = new ArrayList<>();
            List<String> lower = new ArrayList<>();
            for (int i = 0; i < LAYERS; i++) {
                Path layer = Files.createDirectory(directory.resolve("l" + i));
                chain.add(layer(new Random(seed * 100L + i), layer));
                lower.addFirst(layer.toString()); // An overlay wants the highest first.
            }
            Path merged = Files.createDirectory(directory.resolve("merged"));
            Mounts.mount(
                    new byte[] {'x'},
                    NativePath.of(merged),
                    "overlay",
                    Set.of(MountFlag.READ_ONLY),
                    ("lowerdir=" + String.join(":", lower) + ",userxattr").getBytes(StandardCharsets.UTF_8));
            try (Directory root = Directory.open(merged)) {
                FileTree tree = FileTree.of(chain);
                assertThat(walk(tree)).as("seed %d", seed).isEqualTo(walk(root));
                compareLinks(tree, root, seed);
            } finally {
                Mounts.detach(NativePath.of(merged));
            }
        }
    }

    private static LayerIndex layer(Random random, Path directory) throws IOException {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        Layer layer;
        Compressor none = Compressor.of(Compression.NONE);
        try (LayerWriter writer = LayerWriter.open(none, new Timestamps.Exact(), List.of(blob))) {
            fill(random, writer, LayerPath.ROOT, 0);
            layer = writer.finish();
        }
        try (LayerDirectory target = LayerDirectory.open(directory, OverlayXattrs.USER, Fidelity.EXACT)) {
            LayerReader.read(new ByteArrayInputStream(blob.toByteArray()), layer.diffId(), target);
            target.finish();
        }
        return layer.index();
    }

    private static void fill(Random random, LayerWriter writer, LayerPath in, int depth) throws IOException {
        for (char name = 'a'; name <= 'd'; name++) {
            LayerPath path = in.child(new byte[] {(byte) name});
            Attributes attributes = new Attributes(0700 + random.nextInt(0100), 0, random.nextInt(9), Instant.EPOCH);
            switch (random.nextInt(depth < 3 ? 8 : 4)) {
                case 0 -> writer.add(new LayerEntry.Whiteout(path));
                case 1 -> {
                    String target = (random.nextBoolean() ? "/" : "") + "../".repeat(random.nextInt(3))
                            + (char) ('a' + random.nextInt(4)) + "/" + (char) ('a' + random.nextInt(4));
                    writer.add(new LayerEntry.Symlink(path, attributes.withMode(0777), Bytes.of(target)));
                }
                case 2 -> writer.addFile(path, attributes, FileContent.of(new byte[random.nextInt(99)]));
                case 3 -> {}
                default -> {
                    writer.add(new LayerEntry.Directory(path, attributes));
                    if (random.nextInt(5) == 0) {
                        writer.add(new LayerEntry.Opaque(path));
                    }
                    fill(random, writer, path, depth + 1);
                }
            }
        }
    }

    private static Map<String, String> walk(FileTree tree) {
        Map<String, String> seen = new TreeMap<>();
        tree.walk(LayerPath.ROOT, found -> {
            assertThat(tree.lookup(found.path())).contains(found);
            String text = switch (found.entry()) {
                case LayerEntry.Directory e -> text(FileType.DIRECTORY, e.attributes(), 0);
                case LayerEntry.File e -> text(FileType.REGULAR, e.attributes(), e.sizeBytes());
                case LayerEntry.Symlink e ->
                    text(FileType.SYMLINK, e.attributes(), e.target().length());
                case LayerEntry other -> other.toString();
            };
            if (!found.path().isRoot()) {
                seen.put(found.path().toString(), text);
            }
        });
        return seen;
    }

    private static String text(FileType type, Attributes attributes, long size) {
        return type + " " + Integer.toOctalString(attributes.mode()) + " " + attributes.gid() + " " + size;
    }

    private static Map<String, String> walk(Directory root) throws IOException {
        Map<String, String> seen = new TreeMap<>();
        walk(root, LayerPath.ROOT, seen);
        return seen;
    }

    private static void walk(Directory directory, LayerPath path, Map<String, String> seen) throws IOException {
        for (DirectoryEntry entry : directory.list()) {
            Optional<FileStatus> found = directory.statusIfPresent(entry.name());
            if (found.isEmpty()) {
                // Overlayfs lists the whiteouts of a directory that only one layer has, and then denies them.
                continue;
            }
            FileStatus status = found.get();
            LayerPath child = path.child(entry.name());
            boolean isDirectory = status.type() == FileType.DIRECTORY;
            seen.put(
                    child.toString(),
                    status.type() + " " + Integer.toOctalString(status.mode()) + " " + status.gid() + " "
                            + (isDirectory ? 0 : status.sizeBytes()));
            if (isDirectory) {
                try (Directory below = directory.openDirectory(entry.name(), Resolution.NO_LINKS)) {
                    walk(below, child, seen);
                }
            }
        }
    }

    /// Where every link of the tree leads, as the kernel sees it and as the tree does.
    private static void compareLinks(FileTree tree, Directory root, int seed) throws IOException {
        List<LayerPath> links = new ArrayList<>();
        tree.walk(LayerPath.ROOT, found -> {
            if (found.entry() instanceof LayerEntry.Symlink) {
                links.add(found.path());
            }
        });
        for (LayerPath link : links) {
            long kernels = inode(root, link.toBytes(), Resolution.IN_ROOT);
            long ours = -1;
            try {
                LayerPath resolved = tree.resolve(link);
                if (tree.lookup(resolved).isPresent()) {
                    ours = inode(root, resolved.isRoot() ? new byte[] {'.'} : resolved.toBytes(), Resolution.NO_LINKS);
                }
            } catch (java.nio.file.FileSystemLoopException loop) {
                assertThat(kernels).as("seed %d, %s", seed, loop.getMessage()).isNegative();
            }
            // The tree takes what does not exist as it stands, so "missing/.." leads somewhere that the kernel
            // refuses.
            if (kernels >= 0) {
                assertThat(ours).as("seed %d, link %s", seed, link).isEqualTo(kernels);
            }
        }
    }

    private static long inode(Directory root, byte[] path, Resolution resolution) throws IOException {
        try (OpenFile file = root.openFile(path, resolution)) {
            return file.status().inode();
        } catch (SystemCallFailure missing) {
            return -1;
        }
    }
}
