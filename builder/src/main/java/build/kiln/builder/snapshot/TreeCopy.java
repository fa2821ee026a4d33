package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Puts files onto a tree, with owners, modes, times and extended attributes, as an overlay would show them: a
/// layer's whiteouts remove, its opaque directories replace.
///
/// Every name gets a file of its own, also where names are links to one file: an overlay, too, parts them when one
/// is written to.
final class TreeCopy {

    /// Where a file's content comes from.
    enum Content {
        /// The tree's files may be changed.
        COPIED,
        /// The tree's files are those of the layers where that is possible; nobody may write to them.
        LINKED
    }

    static final String OPAQUE = "user.overlay.opaque";
    static final byte[] YES = {'y'};

    private static final String OVERLAY = "user.overlay.";

    private final Content content;
    private final byte[] buffer = new byte[64 << 10];

    TreeCopy(Content content) {
        this.content = content;
    }

    /// What is in the directory goes into the tree; the tree's own directory gets its owner, mode and time, too.
    void merge(Path directory, Path tree) throws IOException {
        try (Directory from = Directory.open(directory);
                Directory to = Directory.open(tree)) {
            merge(from, to);
            byte[] itself = {'.'};
            attributes(from, to, itself, from.status());
        }
    }

    private void merge(Directory from, Directory to) throws IOException {
        for (DirectoryEntry entry : from.list()) {
            one(from, entry.name(), to);
        }
    }

    /// One file, or a directory with all that is in it.
    void one(Directory from, byte[] name, Directory to) throws IOException {
        one(from, name, to, name);
    }

    void one(Directory from, byte[] name, Directory to, byte[] newName) throws IOException {
        FileStatus status = from.status(name);
        if (status.isOverlayWhiteout()) {
            to.removeTree(newName);
        } else if (status.type() == FileType.DIRECTORY) {
            try (Directory below = from.openDirectory(name, Resolution.NO_LINKS)) {
                directory(below, status, to, newName);
            }
        } else if (status.type() != FileType.SOCKET) {
            to.removeTree(newName);
            file(from, name, status, to, newName);
        }
    }

    private void directory(Directory from, FileStatus status, Directory to, byte[] name) throws IOException {
        Optional<FileStatus> there = to.statusIfPresent(name);
        boolean isOpaque =
                from.xattr(OPAQUE).filter(value -> Arrays.equals(value, YES)).isPresent();
        if (there.isPresent() && (isOpaque || there.get().type() != FileType.DIRECTORY)) {
            to.removeTree(name);
            there = Optional.empty();
        }
        if (there.isEmpty()) {
            to.makeDirectory(name, 0700);
        } else {
            to.chmod(name, 0700); // Until everything is in it: its own mode may keep its owner out.
        }
        try (Directory below = to.openDirectory(name, Resolution.NO_LINKS)) {
            merge(from, below);
        }
        owned(to, name, status);
        for (String xattr : from.xattrs()) {
            copied(to, name, xattr, from.xattr(xattr));
        }
        to.setTimes(name, status.mtime());
    }

    private void file(Directory from, byte[] name, FileStatus status, Directory to, byte[] newName) throws IOException {
        if (content == Content.LINKED && linked(from, name, to, newName)) {
            return;
        }
        switch (status.type()) {
            case REGULAR -> {
                try (OpenFile source = from.openFile(name, Resolution.NO_LINKS);
                        OpenFile target = to.createFile(newName, 0600)) {
                    content(source, target, status.sizeBytes());
                }
            }
            case SYMLINK -> to.makeSymlink(from.readLink(name), newName);
            case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> to.makeNode(newName, status.type(), 0600, status.rdev());
            case DIRECTORY, SOCKET, UNKNOWN -> {
                return;
            }
        }
        attributes(from, to, newName, name, status);
    }

    private static boolean linked(Directory from, byte[] name, Directory to, byte[] newName) throws IOException {
        try {
            to.makeLink(from, name, newName);
            return true;
        } catch (SystemCallFailure e) {
            return switch (e.errno()) {
                case EMLINK, EXDEV, EPERM -> false;
                default -> throw e;
            };
        }
    }

    private void content(OpenFile source, OpenFile target, long sizeBytes) throws IOException {
        long left = sizeBytes;
        try {
            while (left > 0) {
                long count = target.copyFrom(source, left);
                if (count == 0) {
                    return;
                }
                left -= count;
            }
        } catch (SystemCallFailure e) {
            if (left != sizeBytes || e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                throw e;
            }
            for (int count = source.read(buffer, 0, buffer.length);
                    count > 0;
                    count = source.read(buffer, 0, buffer.length)) {
                target.write(buffer, 0, count);
            }
        }
    }

    private static void attributes(Directory from, Directory to, byte[] name, FileStatus status) throws IOException {
        attributes(from, to, name, name, status);
    }

    private static void attributes(Directory from, Directory to, byte[] newName, byte[] name, FileStatus status)
            throws IOException {
        owned(to, newName, status);
        for (String xattr : from.xattrs(name)) {
            copied(to, newName, xattr, from.xattr(name, xattr));
        }
        to.setTimes(newName, status.mtime());
    }

    private static void owned(Directory to, byte[] name, FileStatus status) throws IOException {
        tolerant(() -> to.chown(name, status.uid(), status.gid()));
        if (status.type() != FileType.SYMLINK) {
            to.chmod(name, status.mode());
        }
    }

    private static void copied(Directory to, byte[] name, String xattr, Optional<byte[]> value) throws IOException {
        if (value.isPresent() && !xattr.startsWith(OVERLAY)) {
            tolerant(() -> to.setXattr(name, xattr, value.get()));
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    /// What the kernel does not let this process have, the layer's directory has not either, or the file system's
    /// own marks are meant.
    private static void tolerant(Action action) throws IOException {
        try {
            action.run();
        } catch (SystemCallFailure e) {
            switch (e.errno()) {
                case EPERM, EINVAL, EOPNOTSUPP, EOVERFLOW -> {}
                default -> throw e;
            }
        }
    }

    /// The directory with the same owner, mode and extended attributes, but without what is in it.
    static void shell(Directory from, FileStatus status, Directory to, byte[] name) throws IOException {
        to.makeDirectory(name, 0700);
        owned(to, name, status);
        List<String> xattrs = from.xattrs();
        for (String xattr : xattrs) {
            copied(to, name, xattr, from.xattr(xattr));
        }
    }
}
