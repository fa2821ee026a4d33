package build.kiln.builder.cache.verify;

import build.kiln.builder.layer.Bytes;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.Sha256;
import build.kiln.builder.source.PathBytes;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Compares a layer's directory with the layer's table of contents: every file's content, and that there is no other.
final class LayerCheck {

    private final Path folder;
    private final LayerIndex index;
    private final Set<LayerPath> files = new HashSet<>();

    LayerCheck(Path folder, LayerIndex index) {
        this.folder = folder;
        this.index = index;
    }

    /// The first difference, as a sentence; empty if there is none.
    Optional<String> difference() throws IOException {
        try (Directory root = Directory.open(folder)) {
            for (LayerEntry entry : index.entries()) {
                switch (entry) {
                    case LayerEntry.File file -> {
                        files.add(file.path());
                        if (!hasContent(root, file)) {
                            return Optional.of(
                                    "the content of \"" + file.path() + "\" is not what it was when it was made");
                        }
                    }
                    case LayerEntry.HardLink link -> files.add(link.path());
                    case LayerEntry.Plain _ -> {}
                }
            }
        }
        return stranger().map(path -> "\"" + path + "\" is no part of it");
    }

    private static boolean hasContent(Directory root, LayerEntry.File entry) throws IOException {
        MessageDigest hash = Sha256.newHash();
        long size = 0;
        try (OpenFile file = root.openFile(entry.path().toBytes(), Resolution.NO_LINKS)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = file.read(buffer, 0, buffer.length); n > 0; n = file.read(buffer, 0, buffer.length)) {
                hash.update(buffer, 0, n);
                size += n;
            }
        }
        return size == entry.sizeBytes() && Bytes.of(hash.digest()).equals(entry.sha256());
    }

    /// A file that the table of contents does not know.
    private Optional<LayerPath> stranger() throws IOException {
        LayerPath[] found = new LayerPath[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                LayerPath path = LayerPath.of(PathBytes.of(folder.relativize(file)));
                if (attributes.isRegularFile() && !files.contains(path)) {
                    found[0] = path;
                    return FileVisitResult.TERMINATE;
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return Arrays.stream(found).filter(java.util.Objects::nonNull).findFirst();
    }
}
