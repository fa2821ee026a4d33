package build.kiln.builder.cache.verify;

import build.kiln.builder.layer.Bytes;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Compares a layer's directory with the layer's table of contents: every file's content, that none is gone, and that
/// there is no other.
///
/// It goes from directory to directory, each opened in the one above, because a path may be longer than the 4096 bytes
/// that a system call takes.
final class LayerCheck {

    private final Path folder;
    private final LayerIndex index;

    /// Names of files that were not met yet.
    private final Set<LayerPath> missing = new HashSet<>();

    LayerCheck(Path folder, LayerIndex index) {
        this.folder = folder;
        this.index = index;
    }

    /// The first difference, as a sentence; empty if there is none.
    Optional<String> difference() throws IOException {
        for (LayerEntry entry : index.entries()) {
            if (entry instanceof LayerEntry.File || entry instanceof LayerEntry.HardLink) {
                missing.add(entry.path());
            }
        }
        try (Directory root = Directory.open(folder)) {
            Optional<String> difference = below(root, LayerPath.ROOT);
            return difference.isPresent()
                    ? difference
                    : missing.stream().min(LayerPath::compareTo).map(path -> "\"" + path + "\" is gone");
        }
    }

    private Optional<String> below(Directory directory, LayerPath path) throws IOException {
        for (DirectoryEntry name : directory.list()) {
            LayerPath child = path.resolve(name.name());
            Optional<String> difference = switch (type(directory, name)) {
                case DIRECTORY -> {
                    try (Directory inner = directory.openDirectory(name.name(), Resolution.NO_LINKS)) {
                        yield below(inner, child);
                    }
                }
                case REGULAR -> file(directory, name.name(), child);
                case SYMLINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE, SOCKET, UNKNOWN -> other(child);
            };
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private static FileType type(Directory directory, DirectoryEntry name) throws IOException {
        return name.type() == FileType.UNKNOWN ? directory.status(name.name()).type() : name.type();
    }

    private Optional<String> file(Directory directory, byte[] name, LayerPath path) throws IOException {
        if (!missing.remove(path)) {
            return Optional.of("\"" + path + "\" is no part of it");
        }
        return index.entry(path).orElseThrow() instanceof LayerEntry.File entry && !hasContent(directory, name, entry)
                ? Optional.of(changed(path))
                : Optional.empty();
    }

    /// A further name may be that of a link or a device.
    private Optional<String> other(LayerPath path) {
        return missing.remove(path) && index.entry(path).orElseThrow() instanceof LayerEntry.File
                ? Optional.of(changed(path))
                : Optional.empty();
    }

    private static String changed(LayerPath path) {
        return "the content of \"" + path + "\" is not what it was when it was made";
    }

    private static boolean hasContent(Directory directory, byte[] name, LayerEntry.File entry) throws IOException {
        MessageDigest hash = Sha256.newHash();
        long size = 0;
        try (OpenFile file = directory.openFile(name, Resolution.NO_LINKS)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = file.read(buffer, 0, buffer.length); n > 0; n = file.read(buffer, 0, buffer.length)) {
                hash.update(buffer, 0, n);
                size += n;
            }
        }
        return size == entry.sizeBytes() && Bytes.of(hash.digest()).equals(entry.sha256());
    }
}
