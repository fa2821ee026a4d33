package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// What the operating system refused to read.
final class Unreadable {

    private Unreadable() {}

    /// @param at what was read, unless the exception names a file itself
    static SourceFailure failure(String place, Path at, IOException why) {
        String file =
                why instanceof FileSystemException known && known.getFile() != null ? known.getFile() : at.toString();
        if (why instanceof AccessDeniedException) {
            return new SourceFailure(
                    Reason.SourceDenied,
                    place,
                    "\"" + file + "\" cannot be read: permission denied.",
                    "Make it readable for the user that builds, or leave it out with .dockerignore.",
                    why);
        }
        String reason = why instanceof FileSystemException known && known.getReason() != null
                ? known.getReason()
                : why instanceof FileSystemException
                        ? why.getClass().getSimpleName()
                        : String.valueOf(why.getMessage());
        return new SourceFailure(
                Reason.SourceUnavailable,
                place,
                "\"" + file + "\" cannot be read: " + reason + ".",
                "Files must not change while they are copied; try again.",
                why);
    }
}
