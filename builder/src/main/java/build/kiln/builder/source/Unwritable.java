package build.kiln.builder.source;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// What the operating system refused to write into the source's own folder.
public final class Unwritable {

    private Unwritable() {}

    public static PlatformFailure failure(String place, Path work, IOException why) {
        String reason = why instanceof FileSystemException known && known.getReason() != null
                ? known.getReason()
                : String.valueOf(why.getMessage());
        return new PlatformFailure(
                Reason.DiskFull,
                place,
                "the files of the source could not be written to \"" + work + "\": " + reason + ".",
                "Give the builder more room, and a folder that it may write to.",
                why);
    }
}
