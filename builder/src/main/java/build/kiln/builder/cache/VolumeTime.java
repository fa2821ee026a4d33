package build.kiln.builder.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/// The time as the volume has it. The clocks of the hosts that share a volume need not agree with it, nor with each
/// other.
public final class VolumeTime {

    private VolumeTime() {}

    /// @param workspace a directory on the volume
    public static FileTime now(Path workspace) throws IOException {
        Path probe;
        try {
            probe = Files.createTempFile(workspace, "now-", "");
        } catch (IOException e) {
            return Files.getLastModifiedTime(workspace); // A full volume; something was made here not long ago.
        }
        try {
            return Files.getLastModifiedTime(probe);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
