package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A folder of the machine that the command line runs on.
///
/// @param place what the user wrote it in, for messages
public record FolderSource(Path folder, String place) implements Source {

    @Override
    public SourceTree obtain(Path work) {
        try {
            Path real = folder.toRealPath();
            if (Files.isDirectory(real)) {
                return SourceTree.of(real);
            }
            throw new SourceFailure(
                    Reason.SourceNotFound,
                    place,
                    "\"" + folder + "\" is not a folder.",
                    "Name the folder that holds the files to build from.");
        } catch (NoSuchFileException e) {
            throw new SourceFailure(
                    Reason.SourceNotFound,
                    place,
                    "there is no folder \"" + folder + "\".",
                    "Name the folder that holds the files to build from.",
                    e);
        } catch (IOException e) {
            throw Unreadable.failure(place, folder, e);
        }
    }
}
