package build.kiln.builder.cache.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Reads small files of the volume, which may be anything: whoever reads them needs to hold them in memory.
public final class BoundedFile {

    private BoundedFile() {}

    /// All of the file. Links are not followed.
    ///
    /// @param most of its bytes
    /// @throws java.nio.file.NoSuchFileException if it is not there
    /// @throws IOException if it is no file, or has more
    public static byte[] read(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS, StandardOpenOption.READ)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(file + " has more than " + most + " bytes");
            }
            return bytes;
        }
    }
}
