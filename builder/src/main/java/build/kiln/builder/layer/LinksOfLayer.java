package build.kiln.builder.layer;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// The symbolic links that a layer has made so far, so that an entry "below" one of them is taken for what it
/// means: an
/// entry of the directory that the link leads to, within the layer.
final class LinksOfLayer {

    private static final int MAX_LINKS = 40;

    private final Map<LayerPath, Bytes> targets = new HashMap<>();
    private LayerPath lastParent = LayerPath.ROOT;
    private LayerPath lastCanonical = LayerPath.ROOT;

    void add(LayerEntry entry) {
        if (entry instanceof LayerEntry.Symlink link) {
            targets.put(link.path(), link.target());
            lastParent = LayerPath.ROOT;
            lastCanonical = LayerPath.ROOT;
        } else if (!(entry instanceof LayerEntry.Whiteout) && !(entry instanceof LayerEntry.Opaque)) {
            forget(entry.path());
        }
    }

    /// Something else has taken this path.
    void forget(LayerPath path) {
        if (!targets.isEmpty() && targets.remove(path) != null) {
            lastParent = LayerPath.ROOT;
            lastCanonical = LayerPath.ROOT;
        }
    }

    /// The same path with its directories resolved; the last name stays.
    LayerPath canonical(LayerPath path) throws IOException {
        if (targets.isEmpty() || path.isRoot()) {
            return path;
        }
        LayerPath parent = path.parent();
        if (!parent.equals(lastParent)) {
            lastCanonical = resolve(parent);
            lastParent = parent;
        }
        return lastCanonical == parent ? path : lastCanonical.child(path.name());
    }

    private LayerPath resolve(LayerPath directory) throws InvalidLayer {
        try {
            LayerPath canonical = SymlinkWalk.resolve(directory.shared(), MAX_LINKS, targets::get);
            LayerReader.verifyLengths(canonical.shared());
            return canonical;
        } catch (SymlinkWalk.Loop e) {
            throw new InvalidLayer(
                    "The layer has an entry below " + directory + ", where symbolic links go in circles.", e);
        }
    }
}
