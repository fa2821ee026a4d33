package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.Resolution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What the kernel knew of a tree's files at one moment.
///
/// Who changes a file, or anything about it, changes its ctime, which no process can set; so two states tell what
/// was changed between them without a look at any content.
final class TreeState {

    /// @param children what is in it, by name; empty for what is no directory
    record Node(FileStatus status, Map<ByteBuffer, Node> children) {

        boolean isDirectory() {
            return status.type() == FileType.DIRECTORY;
        }

        /// Whether it is the same file as before, whatever has become of it. A number of an inode is used again at
        /// once; a time of birth is not.
        boolean isStill(Node before) {
            return status.inode() == before.status.inode()
                    && status.btime().equals(before.status.btime())
                    && status.type() == before.status.type();
        }

        boolean isUntouchedSince(Node before) {
            return isStill(before)
                    && status.ctime().equals(before.status.ctime())
                    && status.mtime().equals(before.status.mtime())
                    && status.sizeBytes() == before.status.sizeBytes();
        }
    }

    private final Path tree;
    private final Set<Path> leftOut;

    private TreeState(Path tree, Set<Path> leftOut) {
        this.tree = tree;
        this.leftOut = leftOut;
    }

    /// @param leftOut paths on this machine that are not looked at, nor what is below them
    static Node of(Path tree, Set<Path> leftOut) throws IOException {
        try (Directory root = Directory.open(tree)) {
            return new TreeState(tree, leftOut).node(root, tree);
        }
    }

    private Node node(Directory directory, Path path) throws IOException {
        Map<ByteBuffer, Node> children = new LinkedHashMap<>();
        for (DirectoryEntry entry : directory.list()) {
            byte[] name = entry.name();
            if (isLeftOut(path, name)) {
                continue;
            }
            FileStatus status = directory.status(name);
            if (status.type() == FileType.DIRECTORY) {
                try (Directory below = directory.openDirectory(name, Resolution.NO_LINKS)) {
                    children.put(ByteBuffer.wrap(name), node(below, below(path, name)));
                }
            } else {
                children.put(ByteBuffer.wrap(name), new Node(status, Map.of()));
            }
        }
        return new Node(directory.status(), children);
    }

    private boolean isLeftOut(Path directory, byte[] name) {
        return !leftOut.isEmpty() && leftOut.contains(below(directory, name));
    }

    /// Names that are no text are none of ours, and need no true path here.
    private Path below(Path directory, byte[] name) {
        try {
            return directory.resolve(new String(name, java.nio.charset.StandardCharsets.UTF_8));
        } catch (java.nio.file.InvalidPathException e) {
            return tree;
        }
    }
}
