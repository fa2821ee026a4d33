package build.kiln.builder.cache.collect;

import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Decides what goes, the least recently used first, and never what a live build uses.
public final class Victims {

    private Victims() {}

    /// The fewest entries, in the order of their last use, that free so much.
    ///
    /// @param pinned the names of what live builds use
    public static List<Entry> freeing(long bytes, List<Entry> all, Set<String> pinned) {
        List<Entry> chosen = new ArrayList<>();
        long freed = 0;
        for (Entry entry : candidates(all, pinned)) {
            if (freed >= bytes) {
                break;
            }
            chosen.add(entry);
            freed += entry.sizeBytes();
        }
        return chosen;
    }

    /// All that nobody has used since then.
    public static List<Entry> unusedSince(FileTime time, List<Entry> all, Set<String> pinned) {
        return candidates(all, pinned).stream()
                .filter(entry -> entry.lastUse().compareTo(time) < 0)
                .toList();
    }

    private static List<Entry> candidates(List<Entry> all, Set<String> pinned) {
        return all.stream()
                .filter(entry -> entry.kind().isContent() && !pinned.contains(entry.name()))
                .sorted(Comparator.comparing(Entry::lastUse).thenComparing(Entry::name))
                .toList();
    }
}
