package build.kiln.bench.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The files of an image: for each path its type, mode, owner and content, without its time.
public record Tree(SortedMap<String, String> entries) {

    public Tree {
        entries = new TreeMap<>(entries);
    }

    /// A line for each path where two trees differ.
    ///
    /// @param ignored paths that are another time other files
    public List<String> differences(Tree other, Set<String> ignored) {
        List<String> all = new ArrayList<>();
        Set<String> paths = new TreeSet<>(entries.keySet());
        paths.addAll(other.entries.keySet());
        paths.removeAll(ignored);
        for (String path : paths) {
            String here = entries.getOrDefault(path, "nothing");
            String there = other.entries.getOrDefault(path, "nothing");
            if (!here.equals(there)) {
                all.add("/" + path + ": " + here + " against " + there);
            }
        }
        return all;
    }
}
