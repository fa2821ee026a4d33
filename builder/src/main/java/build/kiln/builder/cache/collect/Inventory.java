package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Cache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What lies on a volume.
///
/// @param entries in no order
public record Inventory(List<Entry> entries) {

    private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);
    private static final String SIZE = "size";
    private static final int BLOCK = 4096;

    public Inventory {
        entries = List.copyOf(entries);
    }

    /// Looks at everything. The size of a directory is measured once and written down beside it.
    public static Inventory of(Cache cache) throws IOException {
        List<Entry> all = new ArrayList<>();
        for (Entry.Kind kind : Entry.Kind.values()) {
            try (DirectoryStream<Path> room =
                    Files.newDirectoryStream(cache.root().resolve(kind.room()))) {
                for (Path path : room) {
                    try {
                        all.add(entry(cache.root(), kind, path));
                    } catch (NoSuchFileException e) {
                        continue; // Somebody has just taken it away.
                    }
                }
            }
        }
        return new Inventory(all);
    }

    /// What all of it takes, in bytes.
    public long bytes() {
        return entries.stream().mapToLong(Entry::sizeBytes).sum();
    }

    private static Entry entry(Path root, Entry.Kind kind, Path path) throws IOException {
        FileTime used = Files.getLastModifiedTime(path);
        long size = switch (kind) {
            case LAYER, MOUNT -> directory(path, used);
            case BLOB, STEP, LAST_BUILD -> blocks(Files.size(path));
        };
        return new Entry(kind, root.relativize(path).toString(), size, used);
    }

    private static long directory(Path home, FileTime used) throws IOException {
        if (Files.notExists(home.resolve("fs"))) {
            return measured(home);
        }
        Path note = home.resolve(SIZE);
        try {
            if (Files.getLastModifiedTime(note).compareTo(used) >= 0) {
                return Long.parseLong(Files.readString(note));
            }
        } catch (NoSuchFileException | NumberFormatException e) {
            LOG.debug("{} has to be measured.", home);
        }
        long size = measured(home);
        try {
            Files.write(note, Long.toString(size).getBytes(StandardCharsets.US_ASCII));
            Files.setLastModifiedTime(note, used);
            Files.setLastModifiedTime(home, used); // The note is no use of it.
        } catch (IOException e) {
            LOG.debug("The size of {} cannot be written down: {}", home, e.toString());
        }
        return size;
    }

    private static long measured(Path home) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                sum[0] += BLOCK;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += blocks(attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException && !file.equals(home)) {
                    return FileVisitResult.CONTINUE; // A cache mount that is in use changes.
                }
                throw e;
            }
        });
        return sum[0];
    }

    private static long blocks(long bytes) {
        return (bytes + BLOCK - 1) / BLOCK * BLOCK;
    }
}
