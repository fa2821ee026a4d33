package build.kiln.builder.cache.file;

import build.kiln.builder.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/// Looks for what another host may have made a moment ago.
///
/// NFS remembers for up to a minute that a name was not there, and asks the server again when the directory is opened
/// anew. Whoever has waited for another host would not see what it has made.
public final class Lookup {

    private Lookup() {}

    /// Something that is read, or looked at.
    public interface Read<T> {
        T read() throws IOException;
    }

    public static boolean exists(Path path) {
        if (Files.exists(path)) {
            return true;
        }
        openAnew(path);
        return Files.exists(path);
    }

    /// Reads, and if the file is not there, once more.
    public static <T> T read(Path file, Read<T> read) throws IOException {
        try {
            return read.read();
        } catch (NoSuchFileException e) {
            openAnew(file);
            return read.read();
        }
    }

    /// Opens the directory that it lies in and the one above: an entry of the cache has one of its own at the most.
    private static void openAnew(Path path) {
        Path directory = Objects.requireNonNull(path.getParent());
        open(Objects.requireNonNull(directory.getParent()));
        open(directory);
    }

    @SuppressWarnings("unused")
    private static void open(Path directory) {
        try (Directory opened = Directory.open(directory)) {
            Objects.requireNonNull(opened);
        } catch (IOException e) {
            // What cannot be opened is not there; the look that follows says so.
        }
    }
}
