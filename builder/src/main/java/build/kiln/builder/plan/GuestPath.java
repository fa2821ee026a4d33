package build.kiln.builder.plan;

import java.util.ArrayDeque;
import java.util.Deque;

/// Paths inside of images, which are texts and never paths of this machine.
final class GuestPath {

    private GuestPath() {}

    /// Without `.`, `..` and doubled slashes, from the root; `..` above the root is the root.
    static String clean(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    /// `path` as seen from `directory`, cleaned.
    static String resolve(String directory, String path) {
        return clean(path.startsWith("/") ? path : directory + "/" + path);
    }

    /// Like [#resolve]; keeps the end that says that a directory is meant, `/` or `/.`.
    static String resolveDestination(String directory, String path) {
        String written = path.isEmpty() || path.equals(".") ? "./" : path;
        String clean = resolve(directory, written);
        if (written.endsWith("/") && !clean.endsWith("/")) {
            return clean + "/";
        }
        if (written.endsWith("/.")) {
            return clean.equals("/") ? "/." : clean + "/.";
        }
        return clean;
    }

    /// The last part; `/` of the root.
    static String base(String path) {
        String clean = clean(path);
        return clean.equals("/") ? "/" : clean.substring(clean.lastIndexOf('/') + 1);
    }
}
