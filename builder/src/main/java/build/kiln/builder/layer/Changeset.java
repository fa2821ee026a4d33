package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What an overlay's upper directory says has changed. The directory must not be in use by a mount any more.
///
/// Every directory in it is an entry, also those that are only there because something below them changed.
/// Sockets are
/// left out. The upper directory itself stands for the root and is no entry, as with other builders.
public final class Changeset {

    private static final byte[] YES = {'y'};

    private final Path upper;
    private final OverlayXattrs overlayXattrs;

    private Changeset(Path upper, OverlayXattrs overlayXattrs) {
        this.upper = upper;
        this.overlayXattrs = overlayXattrs;
    }

    /// @param overlayXattrs which ones the overlay was mounted with
    public static Changeset of(Path upper, OverlayXattrs overlayXattrs) {
        return new Changeset(upper, overlayXattrs);
    }

    /// True if nothing has changed.
    public boolean isEmpty() throws IOException {
        try (Directory root = Directory.open(upper)) {
            return root.list().isEmpty();
        }
    }

    /// Gives all entries to the sink: a directory before what is in it, names in the order of their bytes.
    public void writeTo(EntrySink sink) throws IOException {
        try (Directory root = Directory.open(upper)) {
            new Walk(sink, overlayXattrs).directory(root, LayerPath.ROOT);
        }
    }

    private record Inode(DeviceNumber device, long number) {}

    private static final class Walk {
        private final EntrySink sink;
        private final OverlayXattrs overlayXattrs;
        private final Map<Inode, LayerPath> firstNames = new HashMap<>();

        Walk(EntrySink sink, OverlayXattrs overlayXattrs) {
            this.sink = sink;
            this.overlayXattrs = overlayXattrs;
        }

        void directory(Directory directory, LayerPath path) throws IOException {
            List<DirectoryEntry> entries = directory.list();
            entries.sort((a, b) -> Arrays.compareUnsigned(a.name(), b.name()));
            for (DirectoryEntry entry : entries) {
                LayerPath child = path.child(entry.name());
                switch (entry.type()) {
                    case REGULAR -> file(directory, entry.name(), child);
                    case DIRECTORY -> subdirectory(directory, entry.name(), child);
                    case SOCKET -> {}
                    case SYMLINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> other(directory, entry.name(), child);
                    case UNKNOWN -> byStatus(directory, entry.name(), child);
                }
            }
        }

        private void byStatus(Directory in, byte[] name, LayerPath path) throws IOException {
            switch (in.status(name).type()) {
                case REGULAR -> file(in, name, path);
                case DIRECTORY -> subdirectory(in, name, path);
                case SOCKET, UNKNOWN -> {}
                case SYMLINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> other(in, name, path);
            }
        }

        private void subdirectory(Directory in, byte[] name, LayerPath path) throws IOException {
            try (Directory directory = in.openDirectory(name, Resolution.NO_LINKS)) {
                Attributes attributes = attributes(directory.status(), xattrs(directory));
                sink.add(new LayerEntry.Directory(path, attributes));
                Optional<byte[]> opaque = directory.xattr(overlayXattrs.opaque());
                if (opaque.isPresent() && Arrays.equals(opaque.get(), YES)) {
                    sink.add(new LayerEntry.Opaque(path));
                }
                directory(directory, path);
            }
        }

        private void file(Directory in, byte[] name, LayerPath path) throws IOException {
            try (OpenFile file = in.openFile(name, Resolution.NO_LINKS)) {
                FileStatus status = file.status();
                Attributes attributes = attributes(status, xattrs(file));
                if (isFurtherName(status, attributes, path)) {
                    return;
                }
                sink.addFile(path, attributes, new Opened(file, status.sizeBytes()));
            }
        }

        private void other(Directory in, byte[] name, LayerPath path) throws IOException {
            FileStatus status = in.status(name);
            // All whiteouts are names of one inode: they are no hard links.
            if (status.isOverlayWhiteout()) {
                sink.add(new LayerEntry.Whiteout(path));
                return;
            }
            Attributes attributes = attributes(status, xattrs(in, name));
            if (isFurtherName(status, attributes, path)) {
                return;
            }
            if (status.type() == FileType.SYMLINK) {
                sink.add(new LayerEntry.Symlink(path, attributes, Bytes.owning(in.readLink(name))));
            } else if (status.type() == FileType.FIFO) {
                sink.add(new LayerEntry.Fifo(path, attributes));
            } else {
                LayerEntry.DeviceKind kind = status.type() == FileType.BLOCK_DEVICE
                        ? LayerEntry.DeviceKind.BLOCK
                        : LayerEntry.DeviceKind.CHARACTER;
                sink.add(new LayerEntry.Device(path, attributes, kind, status.rdev()));
            }
        }

        /// Adds a hard link if this inode has had a name already.
        private boolean isFurtherName(FileStatus status, Attributes attributes, LayerPath path) throws IOException {
            if (status.links() < 2) {
                return false;
            }
            LayerPath first = firstNames.putIfAbsent(new Inode(status.device(), status.inode()), path);
            if (first == null) {
                return false;
            }
            sink.add(new LayerEntry.HardLink(path, attributes, first));
            return true;
        }

        private static Attributes attributes(FileStatus status, Map<String, Bytes> xattrs) {
            return new Attributes(status.mode(), status.uid(), status.gid(), status.mtime(), xattrs);
        }

        private static Map<String, Bytes> xattrs(OpenFile file) throws IOException {
            return xattrs(file.xattrs(), file::xattr);
        }

        private static Map<String, Bytes> xattrs(Directory directory) throws IOException {
            return xattrs(directory.xattrs(), directory::xattr);
        }

        private static Map<String, Bytes> xattrs(Directory in, byte[] name) throws IOException {
            return xattrs(in.xattrs(name), attribute -> in.xattr(name, attribute));
        }

        private static Map<String, Bytes> xattrs(List<String> names, ValueOf valueOf) throws IOException {
            if (names.isEmpty()) {
                return Map.of();
            }
            Map<String, Bytes> kept = new TreeMap<>();
            for (String name : names) {
                if (OverlayXattrs.belongsIntoLayer(name)) {
                    valueOf.read(name).ifPresent(value -> kept.put(name, Bytes.of(value)));
                }
            }
            return kept;
        }
    }

    private interface ValueOf {
        Optional<byte[]> read(String attribute) throws IOException;
    }

    /// A file that is open already; the walk closes it.
    private record Opened(OpenFile file, long sizeBytes) implements FileContent {

        @Override
        public InputStream open() {
            return new InputStream() {
                private final InputStream in = new OpenFileInput(file);

                @Override
                public int read() throws IOException {
                    return in.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return in.read(into, offset, length);
                }
            };
        }
    }
}
