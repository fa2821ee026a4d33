package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/// The empty files and directories that have to be there while something is mounted on them, and that an image
/// must not notice: neither they nor the times of the directories around them.
final class MountPoints {

    enum Kind {
        DIRECTORY,
        FILE
    }

    private final Path root;
    private final Path changes;

    /// What was made, the last one first.
    private final Deque<Path> made = new ArrayDeque<>();

    /// Directories below `changes` that exist only because something was made in them, with what they were
    /// before; those above come first.
    private final Map<Path, FileStatus> copies = new LinkedHashMap<>();

    MountPoints(Path root, Path changes) {
        this.root = root;
        this.changes = changes;
    }

    /// @param place below the root, without links
    Path provide(Path place, Kind kind) {
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            try {
                make(place, kind);
            } catch (IOException e) {
                throw MountFailures.place("/" + root.relativize(place), e);
            }
        }
        return place;
    }

    private void make(Path place, Kind kind) throws IOException {
        Path parent = NativePath.parentOf(place);
        if (!Files.exists(parent, LinkOption.NOFOLLOW_LINKS)) {
            make(parent, Kind.DIRECTORY);
        }
        noteCopies(parent);
        try (Directory directory = Directory.open(parent)) {
            FileStatus before = directory.status();
            switch (kind) {
                case DIRECTORY -> {
                    Files.createDirectory(place);
                    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
                case FILE -> {
                    Files.createFile(place);
                    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
            setTimes(parent, before);
        }
        made.push(place);
    }

    /// Remembers the directories that the kernel is about to copy up.
    private void noteCopies(Path directory) throws IOException {
        if (directory.equals(root)) {
            return;
        }
        Path copy = changes.resolve(root.relativize(directory));
        if (Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        noteCopies(NativePath.parentOf(directory));
        try (Directory before = Directory.open(directory)) {
            copies.put(copy, before.status());
        }
    }

    /// Removes what was made and not used, while the file system is still mounted.
    void removeUnused() {
        while (!made.isEmpty()) {
            Path place = made.pop();
            try (Directory parent = Directory.open(NativePath.parentOf(place))) {
                byte[] name = NativePath.nameOf(place);
                FileStatus before = parent.status();
                var found = parent.statusIfPresent(name);
                if (found.isEmpty()) {
                    continue;
                }
                boolean removed = found.get().type() == FileType.DIRECTORY
                        ? removeIfEmpty(parent, name)
                        : found.get().sizeBytes() == 0 && remove(parent, name);
                if (removed) {
                    setTimes(NativePath.parentOf(place), before);
                }
            } catch (IOException e) {
                throw MountFailures.workplace(place, e);
            }
        }
    }

    private static boolean removeIfEmpty(Directory parent, byte[] name) throws SystemCallFailure {
        try (Directory directory = parent.openDirectory(name, Resolution.NO_LINKS)) {
            if (!directory.list().isEmpty()) {
                return false;
            }
        }
        parent.removeDirectory(name);
        return true;
    }

    private static boolean remove(Directory parent, byte[] name) throws SystemCallFailure {
        parent.unlink(name);
        return true;
    }

    /// Removes, from the unmounted changeset, the copies of directories that are as they were before.
    void forgetCopies() {
        for (Path copy : copies.keySet().stream().toList().reversed()) {
            FileStatus before = copies.get(copy);
            Path above = NativePath.parentOf(copy);
            if (before == null || !Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            try (Directory parent = Directory.open(above)) {
                byte[] name = NativePath.nameOf(copy);
                var now = parent.statusIfPresent(name);
                if (now.isPresent() && isSame(before, now.get()) && hasNoMarks(copy)) {
                    FileStatus parentBefore = parent.status();
                    if (removeIfEmpty(parent, name)) {
                        setTimes(above, parentBefore);
                    }
                }
            } catch (IOException e) {
                throw MountFailures.workplace(copy, e);
            }
        }
        copies.clear();
    }

    private static boolean isSame(FileStatus before, FileStatus now) {
        return now.type() == FileType.DIRECTORY
                && now.mode() == before.mode()
                && now.uid() == before.uid()
                && now.gid() == before.gid()
                && now.mtime().equals(before.mtime());
    }

    /// An opaque directory hides what is below it: that is a change.
    private static boolean hasNoMarks(Path copy) throws SystemCallFailure {
        try (Directory directory = Directory.open(copy)) {
            return directory.xattr("user.overlay.opaque").isEmpty();
        }
    }

    private static void setTimes(Path directory, FileStatus as) throws SystemCallFailure {
        try (Directory above = Directory.open(NativePath.parentOf(directory))) {
            above.setTimes(NativePath.nameOf(directory), as.mtime());
        }
    }
}
