package build.kiln.builder.layer;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The files that a chain of layers adds up to, seen through their indexes: nothing is mounted, nothing is
/// built in
/// memory, and a look-up costs a search in each layer.
public final class FileTree {

    private static final int MAX_LINKS = 40;
    static final Attributes IMPLIED = new Attributes(0755, 0, 0, Instant.EPOCH);

    private final List<LayerIndex> layers;

    private FileTree(List<LayerIndex> layers) {
        this.layers = layers;
    }

    /// @param layers the lowest first; none for an empty tree
    public static FileTree of(List<LayerIndex> layers) {
        return new FileTree(List.copyOf(layers));
    }

    /// This tree with one more layer on top.
    public FileTree withLayer(LayerIndex top) {
        List<LayerIndex> more = new ArrayList<>(layers);
        more.add(top);
        return of(more);
    }

    /// What is at this very path: no link is followed, neither on the way nor at the end, so something behind
    /// a link to
    /// a directory is not found. See [#resolve].
    public Optional<TreeEntry> lookup(LayerPath path) {
        boolean implied = path.isRoot();
        for (int i = layers.size() - 1; i >= 0; i--) {
            LayerIndex layer = layers.get(i);
            Optional<LayerEntry> found = layer.entry(path);
            if (found.isPresent()) {
                LayerEntry entry = found.get();
                if (entry instanceof LayerEntry.Whiteout) {
                    break;
                }
                // Something that is no directory below a directory that an upper layer implies: hidden by it.
                if (implied && !(entry instanceof LayerEntry.Directory)) {
                    break;
                }
                return Optional.of(new TreeEntry(path, followHardLink(layer, entry), i));
            }
            implied |= layer.implies(path);
            if (hidesBelow(layer, path)) {
                break;
            }
        }
        return implied
                ? Optional.of(new TreeEntry(path, new LayerEntry.Directory(path, IMPLIED), -1))
                : Optional.empty();
    }

    /// True if nothing that lower layers have at this path, which has no entry in this layer, can be seen.
    private static boolean hidesBelow(LayerIndex layer, LayerPath path) {
        LayerPath above = path;
        while (!above.isRoot()) {
            above = above.parent();
            if (layer.opaqueDirectories().contains(above)) {
                return true;
            }
            Optional<LayerEntry> entry = layer.entry(above);
            if (entry.isPresent() && !(entry.get() instanceof LayerEntry.Directory)) {
                return true;
            }
        }
        return false;
    }

    /// The index knows that the target is there, and is no hard link itself.
    private static LayerEntry followHardLink(LayerIndex layer, LayerEntry entry) {
        return entry instanceof LayerEntry.HardLink link
                ? layer.entry(link.target())
                        .map(file -> IndexBuilder.renamed(file, entry.path()))
                        .orElse(entry)
                : entry;
    }

    /// Where a path leads when every link is followed as a process in this root would, also one at the end.
    /// What does
    /// not exist is taken as it stands.
    ///
    /// @param path absolute or relative to the root; may have `..`, which does not lead above the root
    /// @throws FileSystemLoopException after 40 links
    public LayerPath resolve(String path) throws FileSystemLoopException {
        return resolve(path.getBytes(StandardCharsets.UTF_8));
    }

    /// As [#resolve(String)].
    public LayerPath resolve(LayerPath path) throws FileSystemLoopException {
        return resolve(path.shared());
    }

    /// As [#resolve(LayerPath)], but a link at the very end is not followed: what `lstat` would look at.
    public LayerPath resolveParent(LayerPath path) throws FileSystemLoopException {
        return path.isRoot() ? path : resolve(path.parent()).child(path.name());
    }

    private LayerPath resolve(byte[] path) throws FileSystemLoopException {
        try {
            return SymlinkWalk.resolve(path, MAX_LINKS, this::linkTarget);
        } catch (SymlinkWalk.Loop e) {
            throw new FileSystemLoopException(new String(path, StandardCharsets.UTF_8));
        }
    }

    private @Nullable Bytes linkTarget(LayerPath path) {
        return lookup(path).map(TreeEntry::entry).orElse(null) instanceof LayerEntry.Symlink link
                ? link.target()
                : null;
    }

    /// What is in a directory, in the order of the names' bytes; nothing if it is no directory.
    public List<TreeEntry> list(LayerPath directory) {
        Optional<TreeEntry> found = lookup(directory);
        if (found.isEmpty() || !found.get().isDirectory()) {
            return List.of();
        }
        Set<LayerPath> seen = new HashSet<>();
        TreeSet<LayerPath> names = new TreeSet<>();
        for (int i = layers.size() - 1; i >= 0; i--) {
            LayerIndex layer = layers.get(i);
            Optional<LayerEntry> self = layer.entry(directory);
            if (self.isPresent() && !(self.get() instanceof LayerEntry.Directory)) {
                break;
            }
            addChildren(layer, directory, seen, names);
            if (layer.opaqueDirectories().contains(directory) || hidesBelow(layer, directory)) {
                break;
            }
        }
        List<TreeEntry> entries = new ArrayList<>(names.size());
        for (LayerPath name : names) {
            lookup(name).ifPresent(entries::add);
        }
        return entries;
    }

    private static void addChildren(LayerIndex layer, LayerPath directory, Set<LayerPath> seen, Set<LayerPath> names) {
        int at = layer.position(directory);
        int depth = directory.isRoot() ? 0 : directory.shared().length + 1;
        while (at < layer.size()) {
            LayerEntry entry = layer.at(at);
            if (entry.path().equals(directory)) {
                at++;
                continue;
            }
            if (!entry.path().isBelow(directory)) {
                return;
            }
            byte[] path = entry.path().shared();
            int end = depth;
            while (end < path.length && path[end] != '/') {
                end++;
            }
            LayerPath child = end == path.length ? entry.path() : LayerPath.trusted(Arrays.copyOf(path, end));
            if (seen.add(child) && !(end == path.length && entry instanceof LayerEntry.Whiteout)) {
                names.add(child);
            }
            at = end == path.length && !(entry instanceof LayerEntry.Directory)
                    ? at + 1
                    : layer.positionAfter(child, at + 1);
        }
    }

    /// Visits what is below a directory, itself first, each directory before what is in it, names in byte
    /// order. Links
    /// are visited, not followed.
    public void walk(LayerPath from, Consumer<TreeEntry> visitor) {
        Deque<TreeEntry> todo = new ArrayDeque<>();
        lookup(from).ifPresent(todo::push);
        while (!todo.isEmpty()) {
            TreeEntry entry = todo.pop();
            visitor.accept(entry);
            if (entry.isDirectory()) {
                list(entry.path()).reversed().forEach(todo::push);
            }
        }
    }
}
