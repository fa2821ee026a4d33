package build.kiln.bench.workload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/// A build context on the disk.
///
/// @param changing the file that a developer edits between two builds
public record Context(Path folder, Path changing) {

    private static final String COMPLETE = ".complete";

    interface Writing {
        /// Writes a context's files; tells what a developer edits.
        Path write(Path folder) throws IOException;
    }

    /// Takes a context that an earlier run has left, so that its files are not written again, or writes it.
    /// The Dockerfile is written anew: it names a registry, whose port is another one each time.
    static Context prepare(Path folder, Writing writing, String dockerfile) throws IOException {
        Path mark = folder.resolveSibling(folder.getFileName() + COMPLETE);
        if (!Files.exists(mark)) {
            Files.createDirectories(folder);
            Files.writeString(
                    mark.resolveSibling(mark.getFileName() + "-not-yet"),
                    writing.write(folder).toString());
            Files.move(mark.resolveSibling(mark.getFileName() + "-not-yet"), mark);
        }
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        return new Context(folder, Path.of(Files.readString(mark)));
    }

    /// Edits the file: another word in its last line each time.
    ///
    /// It gets a time of its own. Files that are written one after the other have the same one, to the
    /// kernel's tick, and BuildKit takes two of one name, size and time for the same in two contexts.
    public void change(int number) throws IOException {
        String line = "/* edit " + System.nanoTime() + " " + number + " */\n";
        Files.write(changing, line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
        Files.setLastModifiedTime(changing, FileTime.from(Instant.now()));
    }
}
