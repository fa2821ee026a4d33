package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.snapshot.TreeState.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A root file system that is a tree of its own: the layers are copied into it, and what a process has changed is
/// found by comparing. The changeset is the one that an overlay would have had, but for one thing: a file that was
/// opened for writing and never written to is no change here.
public final class UnpackedRoot extends RootFilesystem {

    private final Mounted home;
    private final Placements placements;
    private final List<Path> left = new ArrayList<>();
    private @Nullable Node before;
    private boolean isCompared;

    UnpackedRoot(Mounted home, Path folder) {
        this.home = home;
        this.placements = new Placements(home.root(), folder.resolve("aside"));
    }

    @Override
    public Path root() {
        return home.root();
    }

    @Override
    public Path mountPointForDirectory(String target) {
        Path place = resolve(target);
        return placed(place, () -> placements.directory(place));
    }

    @Override
    public Path mountPointForFile(String target) {
        Path place = resolve(target);
        return placed(place, () -> placements.file(place));
    }

    /// As [#mountPointForDirectory], for a directory of the system's, which the image has afterwards though it had
    /// none before: where it is mounted, the mount point stays.
    ///
    /// @param target directly below the root
    public Path systemDirectory(String target) {
        Path place = root().resolve(target.substring(1));
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            left.add(place);
        }
        return placed(place, () -> placements.directory(place));
    }

    /// Moves a directory to `target` until the process has ended.
    ///
    /// @param directory on the file system of this tree; nobody else uses it meanwhile
    public void lend(Path directory, String target) {
        Path place = resolve(target);
        placed(place, () -> {
            placements.lend(directory, place);
            return place;
        });
    }

    /// Copies a file or a directory to `target` until the process has ended; what is changed there is thrown away.
    ///
    /// @param source links in it are kept, one at its end is followed
    public void copy(Path source, String target) {
        Path place = resolve(target);
        placed(place, () -> {
            Path real = source.toRealPath();
            Path made = Files.isDirectory(real) ? placements.directory(place) : placements.file(place);
            TreeCopy copy = new TreeCopy(TreeCopy.Content.COPIED);
            if (Files.isDirectory(real)) {
                copy.merge(real, made);
            } else {
                try (Directory from = Directory.open(Objects.requireNonNull(real.getParent()));
                        Directory to = Directory.open(Objects.requireNonNull(made.getParent()))) {
                    copy.one(from, NativePath.nameOf(real), to, NativePath.nameOf(made));
                }
            }
            return made;
        });
    }

    private interface Placing {
        Path run() throws IOException;
    }

    private Path placed(Path place, Placing placing) {
        if (place.equals(root())) {
            throw MountFailures.place("/", new IOException("the root itself cannot be replaced"));
        }
        try {
            return placing.run();
        } catch (IOException e) {
            throw MountFailures.place("/" + root().relativize(place), e);
        }
    }

    @Override
    public void begin() {
        try {
            Set<Path> leftOut = new HashSet<>(placements.places());
            leftOut.addAll(placements.madeAbove());
            before = TreeState.of(root(), leftOut);
        } catch (IOException e) {
            throw MountFailures.workplace(root(), e);
        }
    }

    @Override
    public Path written() {
        return root();
    }

    @Override
    public Path unmount() {
        if (!isCompared) {
            isCompared = true;
            try {
                compare();
            } catch (IOException e) {
                throw MountFailures.workplace(root(), e);
            }
        }
        return home.changes();
    }

    private void compare() throws IOException {
        Node then = before;
        if (then == null) {
            placements.takeAway();
            return; // nothing ran
        }
        Node now = TreeState.of(root(), placements.places());
        for (Path gone : placements.takeAway()) {
            forget(now, gone);
        }
        TreeChanges.move(root(), then, now, home.changes());
        for (Path place : left) {
            Path directory = home.changes().resolve(root().relativize(place));
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private void forget(Node now, Path gone) {
        Node at = now;
        for (Path name : root().relativize(gone)) {
            ByteBuffer key = ByteBuffer.wrap(name.toString().getBytes(StandardCharsets.UTF_8));
            Node next = at.children().get(key);
            if (next == null) {
                return;
            }
            if (next.children().isEmpty()) {
                at.children().remove(key);
                return;
            }
            at = next;
        }
    }

    @Override
    public void close() {
        try {
            placements.takeAway();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            home.close();
        }
    }
}
