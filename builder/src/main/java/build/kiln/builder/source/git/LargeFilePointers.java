package build.kiln.builder.source.git;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds files that are only pointers of git's large file storage, whose content is elsewhere.
final class LargeFilePointers {

    private static final byte[] START =
            "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGEST = 1024;

    private int count;
    private @Nullable Path first;

    /// @param content read from here only as far as it can be read again
    void look(Path path, long sizeBytes, InputStream content) throws IOException {
        if (sizeBytes > LARGEST || sizeBytes < START.length) {
            return;
        }
        content.mark(START.length);
        byte[] start = content.readNBytes(START.length);
        content.reset();
        if (Arrays.equals(start, START)) {
            count++;
            first = first == null ? path : first;
        }
    }

    Optional<String> warning() {
        return first == null
                ? Optional.empty()
                : Optional.of((count == 1
                                ? "\"" + first + "\" is a pointer"
                                : count + " files, \"" + first + "\" the first of them, are pointers")
                        + " of git's large file storage (LFS). Kiln does not fetch what they point at: the image gets"
                        + " the pointers.");
    }
}
