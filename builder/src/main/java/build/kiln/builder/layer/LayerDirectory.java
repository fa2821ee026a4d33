package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Makes an overlay's layer directory of entries: whiteouts become character devices 0:0, opaque directories
/// an extended
/// attribute; owners, modes, times and extended attributes are set.
///
/// Never follows a symbolic link, so nothing outside of the directory can be touched. A later entry of a path
/// replaces an
/// earlier one. If anything fails, what is there is to be thrown away.
public final class LayerDirectory implements EntrySink, AutoCloseable {

    private static final byte[] ITSELF = {'.'};
    private static final byte[] YES = {'y'};
    private static final Attributes IMPLIED = new Attributes(0755, 0, 0, Instant.EPOCH);

    private final Directory root;
    private final OverlayXattrs overlayXattrs;
    private final Fidelity fidelity;
    private final TreeMap<LayerPath, Last> directories = new TreeMap<>();
    private final byte[] buffer = new byte[64 << 10];
    private LayerPath parentPath = LayerPath.ROOT;
    private Directory parent;
    private long leftOut;

    /// What a directory gets when everything is in it: each entry changes its time, and its mode may let nobody in who
    /// has no capabilities.
    ///
    /// @param mode -1 where nobody has said it: of the root alone
    private record Last(int mode, Instant mtime) {
        static Last of(Attributes attributes) {
            return new Last(attributes.mode(), attributes.mtime());
        }
    }

    private LayerDirectory(Directory root, OverlayXattrs overlayXattrs, Fidelity fidelity) {
        this.root = root;
        this.parent = root;
        this.overlayXattrs = overlayXattrs;
        this.fidelity = fidelity;
        directories.put(LayerPath.ROOT, new Last(-1, IMPLIED.mtime()));
    }

    /// @param directory exists, is empty, and is nobody else's until this is closed
    public static LayerDirectory open(Path directory, OverlayXattrs overlayXattrs, Fidelity fidelity)
            throws IOException {
        return new LayerDirectory(Directory.open(directory), overlayXattrs, fidelity);
    }

    @Override
    public void add(LayerEntry.Plain entry) throws IOException {
        LayerPath path = entry.path();
        Directory in = parentOf(path);
        byte[] name = path.isRoot() ? ITSELF : path.name();
        switch (entry) {
            case LayerEntry.Directory e -> directory(in, name, e);
            case LayerEntry.Symlink e -> {
                replacing(in, name, () -> in.makeSymlink(e.target().shared(), name));
                attributes(in, name, FileType.SYMLINK, e.attributes());
            }
            case LayerEntry.HardLink e -> hardLink(in, name, e);
            case LayerEntry.Device e -> {
                FileType type =
                        e.kind() == LayerEntry.DeviceKind.BLOCK ? FileType.BLOCK_DEVICE : FileType.CHARACTER_DEVICE;
                if (allowed(() -> replacing(in, name, () -> in.makeNode(name, type, 0600, e.number())))) {
                    attributes(in, name, type, e.attributes());
                }
            }
            case LayerEntry.Fifo e -> {
                replacing(in, name, () -> in.makeNode(name, FileType.FIFO, 0600, DeviceNumber.NONE));
                attributes(in, name, FileType.FIFO, e.attributes());
            }
            case LayerEntry.Whiteout e -> whiteout(in, name);
            case LayerEntry.Opaque e -> opaque(e.path());
        }
    }

    @Override
    public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
        try (NewFile file = newFile(path);
                InputStream from = content.open()) {
            long left = content.sizeBytes();
            while (left > 0) {
                int count = from.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count <= 0) {
                    throw new IOException("The file " + path + " ended " + left + " bytes early.");
                }
                file.write(buffer, 0, count);
                left -= count;
            }
            file.finish(attributes);
        }
    }

    /// A file that is to be written, in place of whatever is there.
    NewFile newFile(LayerPath path) throws IOException {
        return new NewFile(create(parentOf(path), path.name()));
    }

    /// A file on its way. Whoever asked for it closes it.
    final class NewFile implements AutoCloseable {

        private final OpenFile file;

        private NewFile(OpenFile file) {
            this.file = file;
        }

        void write(byte[] bytes, int offset, int length) throws IOException {
            file.write(bytes, offset, length);
        }

        /// Gives it all but its content, which is complete.
        void finish(Attributes attributes) throws IOException {
            allowed(() -> file.chown(attributes.uid(), attributes.gid()));
            file.chmod(attributes.mode());
            for (Map.Entry<String, Bytes> xattr : attributes.xattrs().entrySet()) {
                allowed(() -> file.setXattr(xattr.getKey(), xattr.getValue().shared()));
            }
            file.setTimes(attributes.mtime());
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static OpenFile create(Directory in, byte[] name) throws IOException {
        try {
            return in.createFile(name, 0600);
        } catch (SystemCallFailure failure) {
            if (failure.errno() != Errno.EEXIST) {
                throw failure;
            }
            in.removeTree(name);
            return in.createFile(name, 0600);
        }
    }

    private void directory(Directory in, byte[] name, LayerEntry.Directory entry) throws IOException {
        if (!entry.path().isRoot()) {
            try {
                in.makeDirectory(name, 0700);
            } catch (SystemCallFailure failure) {
                if (failure.errno() != Errno.EEXIST) {
                    throw failure;
                }
                makeIfNone(in, name);
            }
        }
        attributes(in, name, FileType.DIRECTORY, entry.attributes());
        directories.put(entry.path(), Last.of(entry.attributes()));
    }

    /// There is something of this name. If it is no directory, the new one has nothing to do with what lower
    /// layers have.
    private void makeIfNone(Directory in, byte[] name) throws IOException {
        if (in.status(name).type() != FileType.DIRECTORY) {
            in.unlink(name);
            in.makeDirectory(name, 0700);
            in.setXattr(name, overlayXattrs.opaque(), YES);
        }
    }

    private void hardLink(Directory in, byte[] name, LayerEntry.HardLink link) throws IOException {
        if (link.target().equals(link.path())) {
            throw new InvalidLayer("The layer's hard link " + link.path() + " names itself.");
        }
        try (Directory from = openDirectory(link.target().parent())) {
            replacing(in, name, () -> in.makeLink(from, link.target().name(), name));
        } catch (SystemCallFailure failure) {
            boolean noFile = switch (failure.errno()) {
                case ENOENT, ENOTDIR, ELOOP, EPERM -> true;
                default -> false;
            };
            if (!noFile) {
                throw failure;
            }
            throw new InvalidLayer(
                    "The layer's hard link " + link.path() + " names " + link.target()
                            + ", which is no file of this layer.",
                    failure);
        }
    }

    private void whiteout(Directory in, byte[] name) throws IOException {
        Optional<FileStatus> there = in.statusIfPresent(name);
        if (there.isEmpty()) {
            // In an opaque directory it would hide nothing, and overlayfs would list its name.
            if (in.xattr(overlayXattrs.opaque()).isEmpty()) {
                in.makeNode(name, FileType.CHARACTER_DEVICE, 0, DeviceNumber.NONE);
            }
        } else if (there.get().type() == FileType.DIRECTORY) {
            in.setXattr(name, overlayXattrs.opaque(), YES);
        }
    }

    private void opaque(LayerPath path) throws IOException {
        if (path.isRoot()) {
            root.setXattr(ITSELF, overlayXattrs.opaque(), YES);
            return;
        }
        Directory in = parentOf(path);
        byte[] name = path.name();
        if (in.statusIfPresent(name).isEmpty()) {
            makeImplied(in, path);
        }
        in.setXattr(name, overlayXattrs.opaque(), YES);
        removeWhiteouts(path);
    }

    private void removeWhiteouts(LayerPath directory) throws IOException {
        try (Directory opened = openDirectory(directory)) {
            for (DirectoryEntry entry : opened.list()) {
                if (opened.status(entry.name()).isOverlayWhiteout()) {
                    opened.unlink(entry.name());
                }
            }
        }
    }

    private void attributes(Directory in, byte[] name, FileType type, Attributes attributes) throws IOException {
        allowed(() -> in.chown(name, attributes.uid(), attributes.gid()));
        if (type != FileType.SYMLINK && type != FileType.DIRECTORY) {
            in.chmod(name, attributes.mode());
        }
        for (Map.Entry<String, Bytes> xattr : attributes.xattrs().entrySet()) {
            allowed(() -> in.setXattr(name, xattr.getKey(), xattr.getValue().shared()));
        }
        if (type != FileType.DIRECTORY) {
            in.setTimes(name, attributes.mtime());
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    /// Runs it, and once more with the name freed if that is in use.
    private static void replacing(Directory in, byte[] name, Action action) throws IOException {
        try {
            action.run();
        } catch (SystemCallFailure failure) {
            if (failure.errno() != Errno.EEXIST) {
                throw failure;
            }
            in.removeTree(name);
            action.run();
        }
    }

    /// @return false if the kernel did not allow it and that is acceptable
    private boolean allowed(Action action) throws IOException {
        try {
            action.run();
            return true;
        } catch (SystemCallFailure failure) {
            boolean refused = switch (failure.errno()) {
                case EPERM, EINVAL, EOPNOTSUPP, EOVERFLOW -> true;
                default -> false;
            };
            if (refused && fidelity == Fidelity.AS_FAR_AS_ALLOWED) {
                leftOut++;
                return false;
            }
            throw failure;
        }
    }

    /// The open directory that this path is a name in. Layers come in the order of a walk, so it is mostly the
    /// last one.
    private Directory parentOf(LayerPath path) throws IOException {
        LayerPath wanted = path.parent();
        if (!wanted.equals(parentPath)) {
            Directory opened = wanted.isRoot() ? root : openOrMake(wanted);
            closeParent();
            parent = opened;
            parentPath = wanted;
        }
        return parent;
    }

    private Directory openOrMake(LayerPath path) throws IOException {
        try {
            return openDirectory(path);
        } catch (SystemCallFailure failure) {
            switch (failure.errno()) {
                case ENOENT, ENOTDIR, ELOOP -> makeImplied(path);
                default -> throw failure;
            }
        }
        return openDirectory(path);
    }

    private Directory openDirectory(LayerPath path) throws IOException {
        return root.openDirectory(path.isRoot() ? ITSELF : path.shared(), Resolution.NO_LINKS);
    }

    /// Makes a directory of which the layer only has what is in it, and those above it.
    private void makeImplied(LayerPath path) throws IOException {
        if (path.isRoot()) {
            return;
        }
        makeImplied(path.parent());
        try (Directory in = openDirectory(path.parent())) {
            byte[] name = path.name();
            Optional<FileStatus> there = in.statusIfPresent(name);
            if (there.isEmpty()) {
                makeImplied(in, path);
            } else if (there.get().isOverlayWhiteout()) {
                in.unlink(name);
                makeImplied(in, path);
                in.setXattr(name, overlayXattrs.opaque(), YES);
            } else if (there.get().type() != FileType.DIRECTORY) {
                throw new InvalidLayer("The layer has something below " + path + ", which is not a directory.");
            }
        }
    }

    private void makeImplied(Directory in, LayerPath path) throws IOException {
        in.makeDirectory(path.name(), 0700);
        attributes(in, path.name(), FileType.DIRECTORY, IMPLIED);
        directories.put(path, Last.of(IMPLIED));
    }

    /// Sets the times and modes of the directories. The last thing to do.
    ///
    /// @return how many owners, device nodes and attributes the kernel did not allow; 0 with [Fidelity#EXACT]
    public long finish() throws IOException {
        closeParent();
        for (Map.Entry<LayerPath, Last> entry : directories.descendingMap().entrySet()) {
            try (Directory directory = openDirectory(entry.getKey())) {
                Last last = entry.getValue();
                directory.setTimes(ITSELF, last.mtime());
                if (last.mode() >= 0) {
                    directory.chmod(last.mode());
                }
            } catch (SystemCallFailure failure) {
                switch (failure.errno()) {
                    case ENOENT, ENOTDIR, ELOOP -> {} // A later entry has replaced it.
                    default -> throw failure;
                }
            }
        }
        return leftOut;
    }

    /// Lets go of the directory at hand, also before somebody else changes the tree.
    void closeParent() throws IOException {
        if (parent != root) {
            parent.close();
            parent = root;
        }
        parentPath = LayerPath.ROOT;
    }

    @Override
    public void close() throws IOException {
        closeParent();
        root.close();
    }
}
