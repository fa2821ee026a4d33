package build.kiln.builder.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Follows paths and their symbolic links below a root, and never out of it.
///
/// A link's absolute target starts at the root, as in a chroot.
///
/// @param root without a link in it
record Beneath(Path root, Boundary boundary) {

    static final Path EMPTY = Path.of("");

    /// What `..` means at the root.
    enum Boundary {
        /// An attempt to leave.
        REFUSE,
        /// The root itself, as for a process in a chroot.
        STAY
    }

    /// Where a path led.
    sealed interface Answer {

        /// To something that is there and is not a link.
        ///
        /// @param path from the root, without a link in it; empty for the root
        /// @param links those that were followed, from the root
        record Found(Path location, Path path, FileStat stat, List<Path> links) implements Answer {}

        /// To nothing: this folder or file exists, and has no such name below it.
        ///
        /// @param path of `folder`, from the root
        record Missing(Path folder, Path path, Path name) implements Answer {}

        /// Out of the root.
        ///
        /// @param link the link, from the root, that leads out; null if the path itself does
        /// @param target what the link says
        record Escapes(@Nullable Path link, @Nullable Path target) implements Answer {}

        /// Round and round.
        record Circle(Path link) implements Answer {}
    }

    Answer follow(Path path) throws IOException {
        return new Journey(path).answer();
    }

    /// Where a path without links lies.
    Path location(Path path) {
        return path.equals(EMPTY) ? root : root.resolve(path);
    }

    private final class Journey {

        private static final int MOST_LINKS = 40; // as the kernel has it

        private final Deque<Path> ahead = new ArrayDeque<>();
        private final List<Path> links = new ArrayList<>();
        private Path here = EMPTY;
        private FileStat stat;
        private @Nullable Path target;
        private boolean leftByAbsoluteLink;

        Journey(Path path) throws IOException {
            stat = FileStat.of(root);
            goTo(path);
        }

        Answer answer() throws IOException {
            while (!ahead.isEmpty()) {
                Path name = ahead.pop();
                switch (name.toString()) {
                    case "", "." -> {}
                    case ".." -> {
                        if (here.equals(EMPTY) && boundary == Boundary.REFUSE) {
                            return escapes();
                        }
                        enter(here.getParent() == null ? EMPTY : here.getParent());
                    }
                    default -> {
                        Answer end = step(name);
                        if (end != null) {
                            return end;
                        }
                    }
                }
            }
            return new Answer.Found(location(here), here, stat, links);
        }

        private @Nullable Answer step(Path name) throws IOException {
            Path next = here.resolve(name);
            FileStat found = stat.kind() == FileKind.DIRECTORY ? FileStat.ifThere(location(next)) : null;
            if (found == null) {
                return leftByAbsoluteLink && boundary == Boundary.REFUSE
                        ? escapes()
                        : new Answer.Missing(location(here), here, name);
            }
            if (found.kind() != FileKind.SYMLINK) {
                here = next;
                stat = found;
                return null;
            }
            if (links.size() == MOST_LINKS) {
                return leftByAbsoluteLink && boundary == Boundary.REFUSE ? escapes() : new Answer.Circle(next);
            }
            links.add(next);
            target = Files.readSymbolicLink(location(next));
            leftByAbsoluteLink = target.isAbsolute();
            if (leftByAbsoluteLink) {
                enter(EMPTY);
            }
            goTo(target);
            return null;
        }

        private Answer escapes() {
            return new Answer.Escapes(links.isEmpty() ? null : links.getLast(), target);
        }

        private void enter(Path folder) throws IOException {
            here = folder;
            stat = FileStat.of(location(folder));
        }

        private void goTo(Path path) {
            for (int i = path.getNameCount() - 1; i >= 0; i--) {
                ahead.push(path.getName(i));
            }
        }
    }
}
