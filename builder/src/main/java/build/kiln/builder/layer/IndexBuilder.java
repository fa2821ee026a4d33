package build.kiln.builder.layer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Takes entries in the order of a tar, and works out what they mean together.
///
/// Layers that were walked in order only ever append; what comes in another order, or twice, goes through a
/// sorted map.
final class IndexBuilder {

    /// A hostile tar of a few megabytes can have many millions of entries.
    private static final int MAX_ENTRIES = 2_000_000;

    private final List<LayerEntry> inOrder = new ArrayList<>();
    private final TreeMap<LayerPath, LayerEntry> sorted = new TreeMap<>();
    private final SortedSet<LayerPath> opaque = new TreeSet<>();
    private final Map<LayerPath, List<LayerPath>> linksTo = new HashMap<>();
    private boolean isSorted = true;

    void add(LayerEntry entry) throws InvalidLayer {
        if (inOrder.size() + sorted.size() >= MAX_ENTRIES) {
            throw new InvalidLayer("The layer has more than " + MAX_ENTRIES + " entries.");
        }
        switch (entry) {
            case LayerEntry.Opaque mark -> opaque.add(mark.path());
            case LayerEntry.HardLink link -> put(direct(link));
            case LayerEntry.File file -> put(file);
            case LayerEntry.Directory directory -> put(directory);
            case LayerEntry.Symlink symlink -> put(symlink);
            case LayerEntry.Device device -> put(device);
            case LayerEntry.Fifo fifo -> put(fifo);
            case LayerEntry.Whiteout whiteout -> put(whiteout);
        }
    }

    /// The same link, to a file and not to another link.
    private LayerEntry.HardLink direct(LayerEntry.HardLink link) {
        LayerPath target =
                find(link.target()) instanceof LayerEntry.HardLink further ? further.target() : link.target();
        linksTo.computeIfAbsent(target, path -> new ArrayList<>()).add(link.path());
        return new LayerEntry.HardLink(link.path(), link.attributes(), target);
    }

    private @Nullable LayerEntry find(LayerPath path) {
        if (!isSorted) {
            return sorted.get(path);
        }
        int low = 0;
        int high = inOrder.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = inOrder.get(middle).path().compareTo(path);
            if (order == 0) {
                return inOrder.get(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    private void put(LayerEntry entry) {
        if (isSorted && (inOrder.isEmpty() || inOrder.getLast().path().compareTo(entry.path()) < 0)) {
            inOrder.add(entry);
            return;
        }
        if (isSorted) {
            isSorted = false;
            inOrder.forEach(earlier -> sorted.put(earlier.path(), earlier));
            inOrder.clear();
        }
        merge(entry);
    }

    private void merge(LayerEntry entry) {
        LayerPath path = entry.path();
        LayerEntry earlier = sorted.get(path);
        boolean hasBelow = hasBelow(path);
        if (entry instanceof LayerEntry.Whiteout) {
            if (earlier instanceof LayerEntry.Directory || hasBelow) {
                opaque.add(path);
            } else if (earlier == null) {
                sorted.put(path, entry);
            }
            return;
        }
        if (entry instanceof LayerEntry.Directory) {
            if (earlier != null && !(earlier instanceof LayerEntry.Directory)) {
                opaque.add(path);
            }
        } else if (hasBelow || opaque.contains(path)) {
            removeBelow(path);
        }
        if (earlier != null) {
            keepForLinks(earlier);
        }
        sorted.put(path, entry);
    }

    private boolean hasBelow(LayerPath path) {
        LayerPath next = sorted.higherKey(path);
        return next != null && next.isBelow(path);
    }

    private void removeBelow(LayerPath path) {
        Map.Entry<LayerPath, LayerEntry> next = sorted.higherEntry(path);
        while (next != null && next.getKey().isBelow(path)) {
            sorted.remove(next.getKey());
            keepForLinks(next.getValue());
            next = sorted.higherEntry(path);
        }
        Iterator<LayerPath> marks = opaque.tailSet(path).iterator();
        while (marks.hasNext()) {
            LayerPath mark = marks.next();
            if (!mark.equals(path) && !mark.isBelow(path)) {
                return;
            }
            marks.remove();
        }
    }

    /// The name of a file is taken away; if it has others, the first of them becomes the file.
    private void keepForLinks(LayerEntry gone) {
        List<LayerPath> names = linksTo.remove(gone.path());
        if (names == null || gone instanceof LayerEntry.HardLink) {
            return;
        }
        LayerPath first = null;
        for (LayerPath name : names) {
            boolean isLink = sorted.get(name) instanceof LayerEntry.HardLink link
                    && link.target().equals(gone.path());
            if (isLink && first == null) {
                first = name;
                sorted.put(name, renamed(gone, name));
            } else if (isLink && first != null) {
                sorted.put(name, new LayerEntry.HardLink(name, attributes(gone), first));
                linksTo.computeIfAbsent(first, path -> new ArrayList<>()).add(name);
            }
        }
    }

    private static Attributes attributes(LayerEntry entry) {
        return switch (entry) {
            case LayerEntry.File e -> e.attributes();
            case LayerEntry.Symlink e -> e.attributes();
            case LayerEntry.Device e -> e.attributes();
            case LayerEntry.Fifo e -> e.attributes();
            case LayerEntry.Directory e -> e.attributes();
            case LayerEntry.HardLink e -> e.attributes();
            case LayerEntry.Whiteout e -> FileTree.IMPLIED;
            case LayerEntry.Opaque e -> FileTree.IMPLIED;
        };
    }

    /// The same file under another path.
    static LayerEntry renamed(LayerEntry entry, LayerPath path) {
        return switch (entry) {
            case LayerEntry.File e -> new LayerEntry.File(path, e.attributes(), e.sizeBytes(), e.sha256());
            case LayerEntry.Symlink e -> new LayerEntry.Symlink(path, e.attributes(), e.target());
            case LayerEntry.Device e -> new LayerEntry.Device(path, e.attributes(), e.kind(), e.number());
            case LayerEntry.Fifo e -> new LayerEntry.Fifo(path, e.attributes());
            case LayerEntry.Directory e -> new LayerEntry.Directory(path, e.attributes());
            case LayerEntry.HardLink e -> new LayerEntry.HardLink(path, e.attributes(), e.target());
            case LayerEntry.Whiteout e -> new LayerEntry.Whiteout(path);
            case LayerEntry.Opaque e -> new LayerEntry.Opaque(path);
        };
    }

    /// @throws InvalidLayer if something lies below what is no directory, or a hard link leads to no file of
    /// the layer
    LayerIndex build() throws InvalidLayer {
        List<LayerEntry> all = isSorted ? inOrder : List.copyOf(sorted.values());
        List<LayerEntry> kept = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            LayerEntry entry = all.get(i);
            if (entry instanceof LayerEntry.Whiteout
                    && opaque.contains(entry.path().parent())) {
                continue; // Nothing of the lower layers is left there to hide.
            }
            boolean hasBelow = i + 1 < all.size() && all.get(i + 1).path().isBelow(entry.path());
            if (!hasBelow || entry instanceof LayerEntry.Directory) {
                kept.add(entry);
            } else if (entry instanceof LayerEntry.Whiteout) {
                opaque.add(entry.path());
            } else {
                throw new InvalidLayer(
                        "The layer has " + all.get(i + 1).path() + ", but " + entry.path() + " is not a directory.");
            }
            if (entry instanceof LayerEntry.HardLink link) {
                verify(link);
            }
        }
        return new LayerIndex(kept.toArray(LayerEntry[]::new), opaque);
    }

    private void verify(LayerEntry.HardLink link) throws InvalidLayer {
        switch (find(link.target())) {
            case LayerEntry.File e -> {}
            case LayerEntry.Symlink e -> {}
            case LayerEntry.Device e -> {}
            case LayerEntry.Fifo e -> {}
            case null, default ->
                throw new InvalidLayer("The layer's hard link " + link.path() + " names " + link.target()
                        + ", which is no file of this layer.");
        }
    }
}
