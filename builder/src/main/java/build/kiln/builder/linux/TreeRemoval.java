package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Removes a directory with all that is below it, however deep it is: what lies deeper than a hundred directories is
/// moved up first, so that neither the stack nor the number of open files grows with what somebody has made.
final class TreeRemoval {

    private static final int DEEPEST = 100;

    private final Directory parent;
    private final byte[] name;
    private boolean hasMoved;

    TreeRemoval(Directory parent, byte[] name) {
        this.parent = parent;
        this.name = name;
    }

    void run() throws SystemCallFailure {
        Optional<FileStatus> found = parent.statusIfPresent(name);
        if (found.isEmpty()) {
            return;
        }
        if (found.get().type() != FileType.DIRECTORY) {
            parent.unlink(name);
            return;
        }
        do {
            hasMoved = false;
            try (Directory top = parent.openDirectory(name, Resolution.NO_LINKS)) {
                empty(top, top, 0);
            }
        } while (hasMoved);
        parent.removeDirectory(name);
    }

    private void empty(Directory at, Directory top, int depth) throws SystemCallFailure {
        List<DirectoryEntry> entries = at.list();
        for (DirectoryEntry entry : entries) {
            if (!isDirectory(at, entry)) {
                at.unlink(entry.name());
            } else if (depth == DEEPEST) {
                byte[] above = ("deeper-" + UUID.randomUUID()).getBytes(StandardCharsets.US_ASCII);
                at.rename(entry.name(), top, above);
                hasMoved = true;
            } else {
                try (Directory below = at.openDirectory(entry.name(), Resolution.NO_LINKS)) {
                    empty(below, top, depth + 1);
                }
                at.removeDirectory(entry.name());
            }
        }
    }

    private static boolean isDirectory(Directory at, DirectoryEntry entry) throws SystemCallFailure {
        return entry.type() == FileType.DIRECTORY
                || entry.type() == FileType.UNKNOWN && at.status(entry.name()).type() == FileType.DIRECTORY;
    }
}
