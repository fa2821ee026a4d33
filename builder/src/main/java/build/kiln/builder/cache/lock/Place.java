package build.kiln.builder.cache.lock;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves and removals by the kernel's own words, which tell "somebody is there" from every other failure.
final class Place {

    private static final Logger LOG = LoggerFactory.getLogger(Place.class);

    private Place() {}

    /// Moves a directory to where nothing or an empty directory is.
    ///
    /// @return false if there is a directory with something in it
    static boolean moveDirectory(Path from, Path to) throws IOException {
        try {
            move(from, to);
            return true;
        } catch (SystemCallFailure e) {
            if (e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /// Moves a file or directory away from here.
    ///
    /// @return false if it is not here any more
    static boolean moveIfPresent(Path from, Path to) throws IOException {
        try {
            move(from, to);
            return true;
        } catch (SystemCallFailure e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try (Directory source = Directory.open(NativePath.parentOf(from));
                Directory target = Directory.open(NativePath.parentOf(to))) {
            source.rename(NativePath.nameOf(from), target, NativePath.nameOf(to));
        }
    }

    /// Removes a file, or a directory with all that is in it, that nobody will ask for by its name any more.
    ///
    /// NFS keeps a file that somebody on the same host has open under another name in its directory until it is
    /// closed, and the directory cannot be removed before. What is left, the next collection removes.
    static void discard(Path path) {
        try (Directory parent = Directory.open(NativePath.parentOf(path))) {
            parent.removeTree(NativePath.nameOf(path));
        } catch (IOException e) {
            LOG.debug("{} is left for the next collection: {}", path, e.toString());
        }
    }
}
