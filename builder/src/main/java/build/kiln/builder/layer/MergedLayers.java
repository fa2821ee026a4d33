package build.kiln.builder.layer;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.oci.DiffId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/// Makes a plain directory of an image's layers, one after the other: what they say is gone is gone.
///
/// Never follows a symbolic link, so nothing outside of the directory can be touched. If anything fails, what is there
/// is to be thrown away.
public final class MergedLayers implements AutoCloseable {

    private static final byte[] ITSELF = {'.'};

    private final Directory root;
    private final LayerDirectory additions;
    private final long mostBytes;
    private boolean isLowest = true;
    private long bytes;

    /// Known to be a directory, like all above it.
    private LayerPath checked = LayerPath.ROOT;

    private MergedLayers(Directory root, LayerDirectory additions, long mostBytes) {
        this.root = root;
        this.additions = additions;
        this.mostBytes = mostBytes;
    }

    /// @param directory exists, is empty, and is nobody else's until this is closed
    /// @param mostBytes what all files of all layers may have together
    public static MergedLayers open(Path directory, Fidelity fidelity, long mostBytes) throws IOException {
        Directory root = Directory.open(directory);
        try {
            return new MergedLayers(root, LayerDirectory.open(directory, OverlayXattrs.USER, fidelity), mostBytes);
        } catch (IOException e) {
            root.close();
            throw e;
        }
    }

    /// A layer's blob, as often as it is asked for.
    public interface Blob {
        InputStream open() throws IOException;
    }

    /// Puts a layer over those that are there. What it hides is theirs alone, wherever in the layer that stands: so all
    /// of it is taken away first, in a pass of its own.
    ///
    /// @throws InvalidLayer if it is no layer or another than `expected`, or there are too many bytes
    public void apply(Blob blob, DiffId expected) throws IOException {
        additions.closeParent();
        checked = LayerPath.ROOT;
        if (!isLowest) {
            try (InputStream in = blob.open()) {
                LayerReader.read(in, expected, new Removals());
            }
        }
        isLowest = false;
        try (InputStream in = blob.open()) {
            LayerReader.read(in, expected, new Additions());
        }
    }

    /// As [LayerDirectory#finish]. The last thing to do.
    public long finish() throws IOException {
        return additions.finish();
    }

    private final class Removals implements EntrySink {

        @Override
        public void add(LayerEntry.Plain entry) throws IOException {
            switch (entry) {
                case LayerEntry.Whiteout e -> remove(e.path());
                case LayerEntry.Opaque e -> removeContent(e.path());
                case LayerEntry.Directory _,
                        LayerEntry.Symlink _,
                        LayerEntry.HardLink _,
                        LayerEntry.Device _,
                        LayerEntry.Fifo _ -> {}
            }
        }

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) {}
    }

    private final class Additions implements EntrySink {

        @Override
        public void add(LayerEntry.Plain entry) throws IOException {
            if (entry instanceof LayerEntry.Whiteout || entry instanceof LayerEntry.Opaque) {
                return;
            }
            makeRoom(entry.path());
            if (entry instanceof LayerEntry.Directory) {
                removeUnlessDirectory(entry.path());
            } else {
                forget(entry.path());
            }
            additions.add(entry);
        }

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
            bytes += content.sizeBytes();
            if (bytes > mostBytes) {
                throw new InvalidLayer("The layers hold more than " + mostBytes + " bytes.");
            }
            makeRoom(path);
            forget(path);
            additions.addFile(path, attributes, content);
        }
    }

    /// What is above an entry is a directory, whatever a lower layer has there.
    private void makeRoom(LayerPath path) throws IOException {
        LayerPath parent = path.parent();
        if (path.isRoot() || parent.isRoot() || parent.equals(checked)) {
            return;
        }
        makeRoom(parent);
        removeUnlessDirectory(parent);
        checked = parent;
    }

    private void forget(LayerPath path) {
        if (checked.equals(path) || checked.isBelow(path)) {
            checked = LayerPath.ROOT;
        }
    }

    private void removeUnlessDirectory(LayerPath path) throws IOException {
        if (path.isRoot()) {
            return;
        }
        in(path.parent(), directory -> {
            Optional<FileStatus> there = directory.statusIfPresent(path.name());
            if (there.isPresent() && there.get().type() != FileType.DIRECTORY) {
                directory.unlink(path.name());
            }
        });
    }

    private void remove(LayerPath path) throws IOException {
        in(path.parent(), directory -> directory.removeTree(path.name()));
    }

    private void removeContent(LayerPath path) throws IOException {
        in(path, directory -> {
            for (DirectoryEntry entry : directory.list()) {
                directory.removeTree(entry.name());
            }
        });
    }

    private interface Work {
        void on(Directory directory) throws IOException;
    }

    /// Nothing is done if there is no such directory.
    private void in(LayerPath path, Work work) throws IOException {
        Directory opened;
        try {
            opened = root.openDirectory(path.isRoot() ? ITSELF : path.shared(), Resolution.NO_LINKS);
        } catch (SystemCallFailure failure) {
            switch (failure.errno()) {
                case ENOENT, ENOTDIR, ELOOP -> {
                    return;
                }
                default -> throw failure;
            }
        }
        try (Directory directory = opened) {
            work.on(directory);
        }
    }

    @Override
    public void close() throws IOException {
        try (root) {
            additions.close();
        }
    }
}
