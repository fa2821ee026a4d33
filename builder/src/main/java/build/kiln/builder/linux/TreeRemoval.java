package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Removes a directory with all that is below it, however deep it is: what lies deeper than a hundred directories is
/// moved up first, so that neither the stack nor the number of open files grows with what somebody has made.
///
/// Modes do not matter: an owner without capabilities gives himself the rights that he lacks.
final class TreeRemoval {

    private static final int DEEPEST = 100;
    private static final int OWNERS = 0700;

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
            try (Directory top = open(parent, name)) {
                empty(top, top, 0);
            }
        } while (hasMoved);
        parent.removeDirectory(name);
    }

    private void empty(Directory at, Directory top, int depth) throws SystemCallFailure {
        List<DirectoryEntry> entries = at.list();
        for (DirectoryEntry entry : entries) {
            try {
                remove(at, entry, top, depth);
            } catch (SystemCallFailure failure) {
                if (failure.errno() != Errno.EACCES) {
                    throw failure;
                }
                at.chmod(OWNERS);
                if (isDirectory(at, entry)) {
                    at.chmod(entry.name(), OWNERS); // Who may not write to a directory may not move it.
                }
                remove(at, entry, top, depth);
            }
        }
    }

    private void remove(Directory at, DirectoryEntry entry, Directory top, int depth) throws SystemCallFailure {
        if (!isDirectory(at, entry)) {
            at.unlink(entry.name());
        } else if (depth == DEEPEST) {
            byte[] above = ("deeper-" + UUID.randomUUID()).getBytes(StandardCharsets.US_ASCII);
            at.rename(entry.name(), top, above);
            hasMoved = true;
        } else {
            try (Directory below = open(at, entry.name())) {
                empty(below, top, depth + 1);
            }
            at.removeDirectory(entry.name());
        }
    }

    private static Directory open(Directory at, byte[] name) throws SystemCallFailure {
        try {
            return at.openDirectory(name, Resolution.NO_LINKS);
        } catch (SystemCallFailure failure) {
            if (failure.errno() != Errno.EACCES) {
                throw failure;
            }
            at.chmod(name, OWNERS);
            return at.openDirectory(name, Resolution.NO_LINKS);
        }
    }

    private static boolean isDirectory(Directory at, DirectoryEntry entry) throws SystemCallFailure {
        return entry.type() == FileType.DIRECTORY
                || entry.type() == FileType.UNKNOWN && at.status(entry.name()).type() == FileType.DIRECTORY;
    }
}
