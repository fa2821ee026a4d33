package build.kiln.builder.source;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.DirectoryEntry;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// What is in the directories of a context, as the file system told the first walk that came by: a build goes over its
/// context for the newest time, for the cache key and for the layer.
///
/// What the rules leave out with all that is below it is not there. Paths are from the context's root. A bounded part
/// of a large context is kept.
final class Listing {

    private static final int MOST = 100_000;

    private final Beneath context;
    private final DockerIgnore rules;
    private final Map<Path, List<Entry>> directories = new ConcurrentHashMap<>();
    private final AtomicInteger kept = new AtomicInteger();

    Listing(Beneath context, DockerIgnore rules) {
        this.context = context;
        this.rules = rules;
    }

    /// A name in a directory.
    ///
    /// @param ignored whether the rules leave it out; something below it is kept then, or may be
    /// @param stat what `lstat` says
    record Entry(Path name, boolean ignored, FileStat stat) {}

    /// What is in a directory, in byte order.
    ///
    /// @param place for messages
    /// @throws build.kiln.builder.failure.SourceFailure `SourceDenied`, `SourceUnavailable`
    List<Entry> of(Path directory, String place) {
        List<Entry> known = directories.get(directory);
        if (known != null) {
            return known;
        }
        List<Entry> read = read(directory, place);
        if (kept.addAndGet(read.size()) <= MOST) {
            directories.put(directory, read);
        }
        return read;
    }

    private List<Entry> read(Path directory, String place) {
        Path location = context.location(directory);
        try (Directory open = open(location)) {
            List<DirectoryEntry> all = open.list();
            all.sort((one, other) -> Arrays.compareUnsigned(one.name(), other.name()));
            List<Entry> entries = new ArrayList<>(all.size());
            for (DirectoryEntry one : all) {
                Path name = PathBytes.relative(one.name());
                String path = rules == DockerIgnore.NOTHING
                        ? ""
                        : directory.resolve(name).toString();
                boolean ignored = rules.ignores(path);
                if (!ignored || rules.mayKeepBelow(path)) {
                    entries.add(new Entry(name, ignored, stat(open, one.name(), location.resolve(name), place)));
                }
            }
            return entries;
        } catch (IOException e) {
            throw Unreadable.failure(place, location, e);
        }
    }

    private static Directory open(Path location) throws IOException {
        try {
            return Directory.open(location);
        } catch (SystemCallFailure e) {
            var unused = Walk.names(location); // says it in the JDK's exceptions, which callers tell apart
            throw e;
        }
    }

    /// Relative to the open directory: a context of many files has as many of these.
    private static FileStat stat(Directory directory, byte[] name, Path location, String place) {
        try {
            return FileStat.of(directory.status(name));
        } catch (SystemCallFailure e) {
            try {
                return FileStat.of(location);
            } catch (IOException why) {
                throw Unreadable.failure(place, location, why);
            }
        }
    }
}
