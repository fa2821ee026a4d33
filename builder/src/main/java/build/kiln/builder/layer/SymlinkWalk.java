package build.kiln.builder.layer;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Follows symbolic links within a root, as the kernel does for a process in it.
final class SymlinkWalk {

    private SymlinkWalk() {}

    /// Too many links.
    static final class Loop extends Exception {
        Loop(LayerPath at) {
            super("too many symbolic links at " + at);
        }
    }

    /// Says where the link at a path leads.
    interface Links {
        @Nullable
        Bytes target(LayerPath path);
    }

    /// The canonical form of a path; components that are no links are taken as they stand, whether they exist
    /// or not.
    static LayerPath resolve(byte[] path, int maxLinks, Links links) throws Loop {
        Deque<byte[]> todo = new ArrayDeque<>();
        push(todo, path);
        LayerPath at = LayerPath.ROOT;
        int followed = 0;
        while (!todo.isEmpty()) {
            byte[] name = todo.pop();
            if (name.length == 0 || Arrays.equals(name, new byte[] {'.'})) {
                continue;
            }
            if (Arrays.equals(name, new byte[] {'.', '.'})) {
                at = at.parent();
                continue;
            }
            LayerPath next = at.child(name);
            Bytes target = links.target(next);
            if (target == null) {
                at = next;
                continue;
            }
            if (++followed > maxLinks) {
                throw new Loop(next);
            }
            if (target.length() > 0 && target.shared()[0] == '/') {
                at = LayerPath.ROOT;
            }
            push(todo, target.shared());
        }
        return at;
    }

    private static void push(Deque<byte[]> todo, byte[] path) {
        int end = path.length;
        for (int i = path.length - 1; i >= -1; i--) {
            if (i < 0 || path[i] == '/') {
                todo.push(Arrays.copyOfRange(path, i + 1, end));
                end = i;
            }
        }
    }
}
