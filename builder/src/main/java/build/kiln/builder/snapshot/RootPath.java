package build.kiln.builder.snapshot;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Follows the links of a path as if some directory were `/`. For trees that nobody changes meanwhile.
final class RootPath {

    private static final int MAX_LINKS = 40;

    private RootPath() {}

    static Path resolve(Path root, String path) {
        Deque<Path> ahead = new ArrayDeque<>();
        Path.of(path).forEach(ahead::addLast);
        Path current = root;
        int links = 0;
        while (!ahead.isEmpty()) {
            Path name = ahead.removeFirst();
            String text = name.toString();
            if (text.isEmpty() || text.equals(".")) {
                continue;
            }
            if (text.equals("..")) {
                current = current.equals(root) ? root : parent(current);
                continue;
            }
            Path next = current.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                current = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new PlatformFailure(
                        Reason.PathEscapes,
                        path,
                        "The path leads through more than " + MAX_LINKS + " symbolic links.",
                        "Look for links in the image that go round in a circle.");
            }
            Path target = target(next);
            if (target.isAbsolute()) {
                current = root;
            }
            List<Path> names = new ArrayList<>();
            target.forEach(names::add);
            names.reversed().forEach(ahead::addFirst);
        }
        return current;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
