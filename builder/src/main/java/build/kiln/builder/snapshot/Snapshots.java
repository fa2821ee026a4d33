package build.kiln.builder.snapshot;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.NativePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mounts chains of layer directories, in the mount namespace of this process, or unpacks them. For any number of
/// threads
/// at once.
///
/// To mount needs the namespaces that `enter-namespaces` makes. A layer directory is in overlayfs's own form:
/// whiteouts are character devices 0:0, opaque directories have `user.overlay.opaque`. It must not change while it
/// is mounted.
public final class Snapshots implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    private final Workplace workplace;
    private final Form form;
    private final List<Path> nothing;
    private final AtomicLong numbers = new AtomicLong();

    private Snapshots(Workplace workplace, Form form, List<Path> nothing) {
        this.workplace = workplace;
        this.form = form;
        this.nothing = nothing;
    }

    /// Takes a folder of its own below `workspace`, and removes what processes have left there that are gone.
    ///
    /// @param workspace a folder on the file system of the layer directories, so that a changeset becomes a layer
    ///     by a rename; not on NFS nor on an overlay
    /// @throws BuildFailure `IsolationUnavailable` or `DiskFull` if the folder cannot be used
    public static Snapshots open(Path workspace) {
        return open(workspace, Form.MOUNTED);
    }

    /// As [#open(Path)].
    ///
    /// @param form what works here
    public static Snapshots open(Path workspace, Form form) {
        Path parent = workspace.resolve("snapshots");
        try {
            Workplace workplace = Workplace.claim(parent);
            Path first = Files.createDirectory(workplace.home().resolve("nothing"));
            Path second = Files.createDirectory(workplace.home().resolve("nothing-else"));
            return new Snapshots(workplace, form, List.of(first, second));
        } catch (IOException e) {
            throw MountFailures.workplace(parent, e);
        }
    }

    public Form form() {
        return form;
    }

    /// A root file system for a RUN to change. Mounting takes well below a millisecond, however many layers there
    /// are; unpacking takes as long as copying all their files does.
    ///
    /// @param lowers the layer directories, lowest first; may be empty
    /// @throws BuildFailure `IsolationUnavailable` or `DiskFull`
    public RootFilesystem mount(List<Path> lowers) {
        return switch (form) {
            case MOUNTED -> mounted(lowers);
            case UNPACKED -> unpacked(lowers);
        };
    }

    private RootFilesystem unpacked(List<Path> lowers) {
        Path home = newHome();
        try {
            Files.createDirectory(Mounted.changes(home));
            lookLike(lowers.isEmpty() ? null : lowers.getLast(), home);
            unpack(lowers, home, TreeCopy.Content.COPIED);
            return new UnpackedRoot(Mounted.unpacked(home), home);
        } catch (IOException e) {
            throw notUnpacked(home, e);
        }
    }

    private static void unpack(List<Path> lowers, Path home, TreeCopy.Content content) throws IOException {
        Path root = Files.createDirectory(Mounted.root(home));
        TreeCopy copy = new TreeCopy(content);
        for (Path lower : lowers) {
            copy.merge(lower, root);
        }
        if (lowers.isEmpty()) {
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static PlatformFailure notUnpacked(Path home, IOException cause) {
        PlatformFailure failure = MountFailures.workplace(home, cause);
        removeQuietly(home);
        return failure;
    }

    private RootFilesystem mounted(List<Path> lowers) {
        Path home = newHome();
        try {
            Path changes = Files.createDirectory(Mounted.changes(home));
            Path work = Files.createDirectory(Mounted.work(home));
            lookLike(lowers.isEmpty() ? null : lowers.getLast(), home);
            List<Path> all = lowers.isEmpty() ? nothing.subList(0, 1) : lowers;
            OverlayMount.mount(all, new OverlayMount.Upper(changes, work), Files.createDirectory(Mounted.root(home)));
            return new OverlayRoot(new Mounted(home));
        } catch (IOException e) {
            PlatformFailure failure = MountFailures.overlay(home, lowers.size(), e);
            removeQuietly(home);
            throw failure;
        }
    }

    /// The files as they are, for COPY and for bind mounts to read.
    ///
    /// @param lowers the layer directories, lowest first; may be empty
    /// @throws BuildFailure `IsolationUnavailable` or `DiskFull`
    public Snapshot view(List<Path> lowers) {
        return switch (form) {
            case MOUNTED -> mountedView(lowers);
            case UNPACKED -> {
                Path home = newHome();
                try {
                    unpack(lowers, home, TreeCopy.Content.LINKED);
                    yield new Snapshot(Mounted.unpacked(home));
                } catch (IOException e) {
                    throw notUnpacked(home, e);
                }
            }
        };
    }

    private Snapshot mountedView(List<Path> lowers) {
        Path home = newHome();
        try {
            // An overlay without an upper directory has to have two lower ones.
            List<Path> all = new ArrayList<>(nothing.subList(0, Math.max(0, 2 - lowers.size())));
            all.addAll(lowers);
            OverlayMount.mount(all, null, Files.createDirectory(Mounted.root(home)));
            return new Snapshot(new Mounted(home));
        } catch (IOException e) {
            PlatformFailure failure = MountFailures.overlay(home, lowers.size(), e);
            removeQuietly(home);
            throw failure;
        }
    }

    /// An empty folder that is removed with the rest. Whoever mounts something on it unmounts it before.
    public Path newFolder(String name) {
        Path folder = workplace.home().resolve(name + "-" + numbers.incrementAndGet());
        try {
            return Files.createDirectory(folder);
        } catch (IOException e) {
            throw MountFailures.workplace(folder, e);
        }
    }

    private Path newHome() {
        Path home = workplace.home().resolve(Long.toString(numbers.incrementAndGet()));
        try {
            return Files.createDirectory(home);
        } catch (IOException e) {
            throw MountFailures.workplace(home, e);
        }
    }

    /// The upper directory is what the process sees as `/`: it gets the owner, mode and time that `/` had.
    private static void lookLike(@Nullable Path lower, Path home) throws IOException {
        byte[] name = NativePath.nameOf(Mounted.changes(home));
        try (Directory parent = Directory.open(home)) {
            if (lower == null) {
                parent.chmod(name, 0755);
                return;
            }
            try (Directory model = Directory.open(lower)) {
                FileStatus status = model.status();
                parent.chown(name, status.uid(), status.gid());
                parent.chmod(name, status.mode());
                parent.setTimes(name, status.mtime());
            }
        }
    }

    private static void removeQuietly(Path home) {
        try {
            Workplace.removeTree(home);
        } catch (IOException e) {
            LOG.warn("A root file system's folder cannot be removed now: {}", e.toString());
        }
    }

    /// Gives the folder back. Everything that was mounted has to be closed before.
    @Override
    public void close() {
        try {
            workplace.close();
        } catch (IOException e) {
            LOG.warn("The folder of root file systems cannot be removed now: {}", e.toString());
        }
    }
}
