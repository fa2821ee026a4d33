package build.kiln.builder.snapshot;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.snapshot.TreeState.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Moves what has changed in a tree into a directory, in the form in which an overlay's upper directory would have
/// it: whiteouts for what is gone, opaque directories for what is another one now, and each directory on the way.
///
/// The tree is not to be used afterwards.
final class TreeChanges {

    private TreeChanges() {}

    static void move(Path tree, Node before, Node now, Path changes) throws IOException {
        try (Directory from = Directory.open(tree);
                Directory to = Directory.open(changes)) {
            kept(from, before, now, new Place(null, new byte[0], from, now, to));
        }
    }

    /// Where a directory's changes go; made when there is the first one.
    private static final class Place implements AutoCloseable {
        private final @Nullable Place above;
        private final byte[] name;
        private final Directory original;
        private final Node node;
        private @Nullable Directory made;

        Place(@Nullable Place above, byte[] name, Directory original, Node node, @Nullable Directory made) {
            this.above = above;
            this.name = name;
            this.original = original;
            this.node = node;
            this.made = made;
        }

        Directory directory() throws IOException {
            Directory known = made;
            if (known == null && above != null) {
                Directory in = above.directory();
                TreeCopy.shell(original, node.status(), in, name);
                known = in.openDirectory(name, Resolution.NO_LINKS);
                made = known;
            }
            if (known == null) {
                throw new IllegalStateException("the root has a place of its own");
            }
            return known;
        }

        /// When nothing is put into it any more.
        @Override
        public void close() throws IOException {
            Directory mine = made;
            if (mine != null && above != null) {
                mine.close();
                above.directory().setTimes(name, node.status().mtime());
            }
        }
    }

    /// A directory that was there before.
    private static void kept(Directory tree, Node before, Node now, Place place) throws IOException {
        if (!now.isUntouchedSince(before)) {
            place.directory();
        }
        for (Map.Entry<ByteBuffer, Node> child : now.children().entrySet()) {
            byte[] name = bytes(child.getKey());
            Node node = child.getValue();
            Node old = before.children().get(child.getKey());
            if (old != null && node.isDirectory() && node.isStill(old)) {
                try (Directory below = tree.openDirectory(name, Resolution.NO_LINKS);
                        Place deeper = new Place(place, name, below, node, null)) {
                    kept(below, old, node, deeper);
                }
            } else if (old == null || !node.isUntouchedSince(old)) {
                tree.rename(name, place.directory(), name);
                if (old != null && node.isDirectory()) {
                    // As the kernel does with a directory that is made where a lower layer has something.
                    place.directory().setXattr(name, TreeCopy.OPAQUE, TreeCopy.YES);
                }
            }
        }
        for (ByteBuffer gone : before.children().keySet()) {
            if (!now.children().containsKey(gone)) {
                place.directory().makeNode(bytes(gone), FileType.CHARACTER_DEVICE, 0, DeviceNumber.NONE);
            }
        }
    }

    private static byte[] bytes(ByteBuffer name) {
        byte[] array = name.array();
        return Arrays.copyOf(array, array.length);
    }
}
