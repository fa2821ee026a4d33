package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.linux.TreeSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

    public Inventory {
        entries = List.copyOf(entries);
    }

    /// Looks at everything. The size of a directory is measured once and written down beside it.
    public static Inventory of(Cache cache) throws IOException {
        List<Entry> all = new ArrayList<>();
        for (Entry.Kind kind : Entry.Kind.values()) {
            for (Path path : paths(cache, kind)) {
                try {
                    all.add(entry(cache.root(), kind, path));
                } catch (NoSuchFileException e) {
                    continue; // Somebody has just taken it away.
                } catch (IOException e) {
                    LOG.warn("What {} takes cannot be seen, and is not counted: {}", path, e.toString());
                }
            }
        }
        return new Inventory(all);
    }

    private static List<Path> paths(Cache cache, Entry.Kind kind) throws IOException {
        Path room = cache.root().resolve(kind.room());
        if (kind == Entry.Kind.CONTENTS) {
            return List.of(room);
        }
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(room)) {
            paths.forEach(all::add);
        }
        return all;
    }

    /// What all of it takes, in bytes.
    public long bytes() {
        return entries.stream().mapToLong(Entry::sizeBytes).sum();
    }

    private static Entry entry(Path root, Entry.Kind kind, Path path) throws IOException {
        FileTime used = Files.getLastModifiedTime(path);
        long size = switch (kind) {
            case LAYER, MOUNT -> directory(path, used);
            case BLOB, STEP, FAILURE, LAST_BUILD, URL, CONTENTS -> TreeSize.blocks(Files.size(path));
        };
        return new Entry(kind, root.relativize(path).toString(), size, used);
    }

    private static long directory(Path home, FileTime used) throws IOException {
        if (Files.notExists(home.resolve("fs"))) {
            return TreeSize.of(home);
        }
        Path note = home.resolve(SIZE);
        try {
            if (Files.getLastModifiedTime(note).compareTo(used) >= 0) {
                return Math.max(0, Long.parseLong(Files.readString(note)));
            }
        } catch (NoSuchFileException | NumberFormatException e) {
            LOG.debug("{} has to be measured.", home);
        }
        long size = TreeSize.of(home);
        try {
            Files.write(note, Long.toString(size).getBytes(StandardCharsets.US_ASCII));
            Files.setLastModifiedTime(note, used);
            Files.setLastModifiedTime(home, used); // The note is no use of it.
        } catch (IOException e) {
            LOG.debug("The size of {} cannot be written down: {}", home, e.toString());
        }
        return size;
    }
}
