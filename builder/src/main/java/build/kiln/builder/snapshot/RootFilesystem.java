package build.kiln.builder.snapshot;

import build.kiln.builder.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// An image's files for a RUN to change. The image's layers stay as they are: what changes is kept apart, or found
/// afterwards.
///
/// One process after the other may run in it. Not for two threads at once.
public abstract sealed class RootFilesystem implements MountedRoot permits OverlayRoot, UnpackedRoot {

    /// Makes sure that there is a directory to mount something on, or to put something into. What has to be made for
    /// it,
    /// directories above it included, is no part of the changeset (unless the process puts something there).
    ///
    /// @param target as a process inside would write it
    /// @return where it is on this machine
    public abstract Path mountPointForDirectory(String target);

    /// As [#mountPointForDirectory], for a file.
    public abstract Path mountPointForFile(String target);

    /// What is changed from now on belongs to the changeset; to be called once, when all mount points are there.
    public abstract void begin();

    /// Makes a directory and those above it that are missing. They are part of the changeset.
    ///
    /// @param path as a process inside would write it
    /// @param uid who gets what is made
    public void makeDirectories(String path, long uid, long gid) {
        make(resolve(path), uid, gid);
    }

    private void make(Path directory, long uid, long gid) {
        Path parent = directory.getParent();
        if (parent == null || directory.equals(root()) || Files.isDirectory(directory)) {
            return;
        }
        try {
            make(parent, uid, gid);
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setAttribute(directory, "unix:uid", (int) uid);
            Files.setAttribute(directory, "unix:gid", (int) gid);
        } catch (IOException e) {
            throw MountFailures.place("/" + root().relativize(directory), e);
        }
    }

    /// The directory that takes the room of what a process changes; of an unpacked tree, with all that was there
    /// before.
    public abstract Path written();

    /// Unmounts and gives the changeset: a directory in overlayfs's form, holding what was added and changed, and
    /// whiteouts for what was removed. It is complete and nobody writes to it any more. It stays until [#close],
    /// or for good if it is moved away before.
    ///
    /// May be repeated.
    ///
    /// @throws BuildFailure `IsolationUnavailable` if the kernel refuses
    public abstract Path unmount();
}
