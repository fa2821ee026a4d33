package build.kiln.builder.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is in a layer, without the content: one entry a path, in the order of [LayerPath], and the opaque
/// directories.
///
/// Made in the pass that writes or reads the layer. It is what the layer *means*: where a tar has a path
/// twice, the last
/// one counts; a whiteout beside an entry of the same path only hides what is below this layer.
public final class LayerIndex {

    private final LayerEntry[] entries;
    private final SortedSet<LayerPath> opaque;

    LayerIndex(LayerEntry[] entries, SortedSet<LayerPath> opaque) {
        this.entries = entries;
        this.opaque = opaque;
    }

    /// All entries but the opaque marks, each path once.
    public List<LayerEntry> entries() {
        return Collections.unmodifiableList(Arrays.asList(entries));
    }

    /// The directories of which the lower layers' content is hidden.
    public SortedSet<LayerPath> opaqueDirectories() {
        return Collections.unmodifiableSortedSet(opaque);
    }

    public Optional<LayerEntry> entry(LayerPath path) {
        int at = position(path);
        return at < entries.length && entries[at].path().equals(path) ? Optional.of(entries[at]) : Optional.empty();
    }

    /// True if there is no entry for this path, but for something below it.
    boolean implies(LayerPath path) {
        int at = position(path);
        return at < entries.length && entries[at].path().isBelow(path) || opaque.contains(path);
    }

    /// Number of the first entry that is not before this path.
    int position(LayerPath path) {
        int low = 0;
        int high = entries.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries[middle].path().compareTo(path) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Number of the first entry from `start` on that is neither this path nor below it.
    int positionAfter(LayerPath path, int start) {
        int low = start;
        int step = 1;
        while (low + step < entries.length && isWithin(low + step, path)) {
            low += step;
            step *= 2;
        }
        int high = Math.min(entries.length, low + step);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isWithin(middle, path)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isWithin(int position, LayerPath path) {
        LayerPath there = entries[position].path();
        return there.equals(path) || there.isBelow(path);
    }

    LayerEntry at(int position) {
        return entries[position];
    }

    int size() {
        return entries.length;
    }

    /// Directories that hold entries without being one. A layer directory has to have them, with attributes
    /// that nobody
    /// gave; in a chain those of the lower layer hold.
    public List<LayerPath> impliedDirectories() {
        SortedSet<LayerPath> implied = new TreeSet<>();
        for (LayerEntry entry : entries) {
            LayerPath above = entry.path().parent();
            while (!above.isRoot() && entry(above).isEmpty() && implied.add(above)) {
                above = above.parent();
            }
        }
        return List.copyOf(implied);
    }

    /// Writes a compact form of it; not closed.
    public void save(OutputStream out) throws IOException {
        IndexFormat.save(this, out);
    }

    /// Reads what [#save] wrote.
    ///
    /// @throws InvalidLayer if it is something else, damaged, or of another version of Kiln
    public static LayerIndex load(InputStream in) throws IOException {
        return IndexFormat.load(in);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerIndex that && Arrays.equals(entries, that.entries) && opaque.equals(that.opaque);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(entries);
    }

    @Override
    public String toString() {
        return Arrays.toString(entries) + " opaque " + opaque;
    }
}
