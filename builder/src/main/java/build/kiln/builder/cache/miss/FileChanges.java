package build.kiln.builder.cache.miss;

import build.kiln.builder.source.FileMarks;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which files differ between two listings, in words.
final class FileChanges {

    private static final int NAMED = 3;

    private FileChanges() {}

    /// `src/main.c changed`, `src/new.c is new`, `3 files changed: a, b (gone) and c (new)`; empty if none differs.
    static String between(FileMarks before, FileMarks now) {
        SortedMap<String, String> what = new TreeMap<>();
        now.marks().forEach((path, mark) -> {
            Integer was = before.marks().get(path);
            if (was == null) {
                what.put(path, "new");
            } else if (!was.equals(mark)) {
                what.put(path, "");
            }
        });
        before.marks().keySet().stream()
                .filter(path -> !now.marks().containsKey(path))
                .forEach(path -> what.put(path, "gone"));
        if (what.isEmpty()) {
            return "";
        }
        List<String> names = new ArrayList<>();
        if (what.size() == 1) {
            what.forEach((path, how) -> names.add(path + (how.isEmpty() ? " changed" : " is " + how)));
            return names.getFirst();
        }
        what.forEach((path, how) -> names.add(how.isEmpty() ? path : path + " (" + how + ")"));
        return what.size() + " files changed: " + listed(names);
    }

    /// `a, b and c`; of more than three `a, b, c and 4 more`.
    private static String listed(List<String> names) {
        int rest = names.size() - NAMED;
        List<String> shown = new ArrayList<>(names.subList(0, Math.min(NAMED, names.size())));
        if (rest > 0) {
            return String.join(", ", shown) + " and " + rest + " more";
        }
        String last = shown.removeLast();
        return String.join(", ", shown) + " and " + last;
    }
}
