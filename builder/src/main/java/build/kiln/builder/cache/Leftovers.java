package build.kiln.builder.cache;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.NativePath;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes away what nobody needs any more. What cannot be deleted is left, with a word in the log.
public final class Leftovers {

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /// Deletes a file, or a directory with everything in it, whatever its modes and however deep, without following
    /// links.
    public static void delete(Path path) {
        Path whole = path.toAbsolutePath();
        try (Directory parent = Directory.open(NativePath.parentOf(whole))) {
            parent.removeTree(NativePath.nameOf(whole));
        } catch (IOException e) {
            LOG.warn("{} could not be deleted: {}", path, e.toString());
        }
    }
}
