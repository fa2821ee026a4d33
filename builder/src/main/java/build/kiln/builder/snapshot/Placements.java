package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What lies in an unpacked tree while a process runs in it, and is no part of the image: where others mount, this
/// puts something in the place of what is there.
final class Placements {

    private static final Logger LOG = LoggerFactory.getLogger(Placements.class);

    private final Path tree;

    /// Where goes what has to make room. It does not come back: the tree ends with the process.
    private final Path aside;

    /// @param lentFrom where a directory belongs that is only lent; null for what is thrown away
    private record Placed(
            Path place, @org.jspecify.annotations.Nullable Path lentFrom) {}

    private final Deque<Placed> placed = new ArrayDeque<>();
    private final Deque<Path> madeAbove = new ArrayDeque<>();
    private int moved;

    Placements(Path tree, Path aside) {
        this.tree = tree;
        this.aside = aside;
    }

    /// Where nothing of the tree is looked at.
    Set<Path> places() {
        Set<Path> all = new HashSet<>();
        placed.forEach(one -> all.add(one.place()));
        return all;
    }

    /// Directories that were made for a place and were not there before.
    Set<Path> madeAbove() {
        return Set.copyOf(madeAbove);
    }

    /// An empty directory.
    ///
    /// @param place below the tree, without links
    Path directory(Path place) throws IOException {
        FileStatus before = makeRoom(place);
        Files.createDirectory(place);
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        done(place, null, before);
        return place;
    }

    /// An empty file.
    Path file(Path place) throws IOException {
        FileStatus before = makeRoom(place);
        Files.createFile(place);
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-r--r--"));
        done(place, null, before);
        return place;
    }

    /// A directory of somebody else's, on the same file system, that goes back in the end.
    void lend(Path directory, Path place) throws IOException {
        FileStatus before = makeRoom(place);
        Files.move(directory, place);
        done(place, directory, before);
    }

    private FileStatus makeRoom(Path place) throws IOException {
        Path parent = NativePath.parentOf(place);
        makeAbove(parent);
        FileStatus before = FileStatus.of(parent);
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(aside);
            Files.move(place, aside.resolve(Integer.toString(moved++)));
        }
        return before;
    }

    private void done(Path place, @org.jspecify.annotations.Nullable Path lentFrom, FileStatus parentBefore)
            throws IOException {
        placed.push(new Placed(place, lentFrom));
        setTimes(NativePath.parentOf(place), parentBefore);
    }

    private void makeAbove(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path parent = NativePath.parentOf(directory);
        makeAbove(parent);
        FileStatus before = FileStatus.of(parent);
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        madeAbove.push(directory);
        setTimes(parent, before);
    }

    /// Gives back what was lent and takes the rest away. The times of the directories around stay as they are.
    ///
    /// @return the directories that are gone with it, because nobody has put anything else into them: what was in
    ///     another one comes before that
    Set<Path> takeAway() throws IOException {
        while (!placed.isEmpty()) {
            Placed one = placed.pop();
            takeAway(one);
        }
        Set<Path> gone = new LinkedHashSet<>();
        for (Path directory : madeAbove) {
            try (Directory parent = openParent(directory)) {
                FileStatus before = parent.status();
                parent.removeDirectory(NativePath.nameOf(directory));
                restore(parent, before);
                gone.add(directory);
            } catch (SystemCallFailure e) {
                LOG.debug("{} stays: {}", directory, e.getMessage());
            }
        }
        madeAbove.clear();
        return gone;
    }

    private void takeAway(Placed one) throws IOException {
        try (Directory parent = openParent(one.place())) {
            FileStatus before = parent.status();
            Path home = one.lentFrom();
            if (home != null) {
                try (Directory to = Directory.open(NativePath.parentOf(home))) {
                    parent.renameToNew(NativePath.nameOf(one.place()), to, NativePath.nameOf(home));
                }
            } else {
                parent.removeTree(NativePath.nameOf(one.place()));
            }
            restore(parent, before);
        } catch (SystemCallFailure e) {
            // The process has moved it away itself, which no mount lets it do.
            LOG.warn("What was put at {} for a RUN is not there any more: {}", one.place(), e.getMessage());
        }
    }

    /// Whoever ran in the tree may have put a link on the way: none is followed.
    private Directory openParent(Path place) throws SystemCallFailure {
        try (Directory root = Directory.open(tree)) {
            byte[] path = tree.relativize(NativePath.parentOf(place)).toString().getBytes(StandardCharsets.UTF_8);
            return root.openDirectory(path.length == 0 ? new byte[] {'.'} : path, Resolution.NO_LINKS);
        }
    }

    private static void restore(Directory directory, FileStatus as) throws SystemCallFailure {
        directory.setTimes(new byte[] {'.'}, as.mtime());
    }

    private static void setTimes(Path directory, FileStatus as) throws SystemCallFailure {
        try (Directory open = Directory.open(directory)) {
            restore(open, as);
        }
    }
}
