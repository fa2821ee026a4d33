package build.kiln.builder.source.ignore;

import java.util.ArrayDeque;
import java.util.Deque;

/// Paths as texts, before there is a file system.
final class PathText {

    private PathText() {}

    /// The shortest path that means the same, as Go's `path.Clean` finds it: no doubled slash, no `.`, and a
    /// `..` takes away the name before it. Nothing becomes `.`.
    static String clean(String path) {
        boolean rooted = path.startsWith("/");
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty() && !names.getLast().equals("..")) {
                    names.removeLast();
                } else if (!rooted) {
                    names.addLast(name);
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        String joined = String.join("/", names);
        return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
    }
}
