package build.kiln.builder.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many processes and threads there are in the builder's pid space, where RUNs have none of their own: no limit of
/// the kernel's holds for the root of a machine. Looked at again and again.
final class ProcessCount {

    private static final Path PROC = Path.of("/proc");
    private static final Path SELF =
            PROC.resolve(Long.toString(ProcessHandle.current().pid()));

    /// Of the processor's time, at most a twentieth is spent on counting.
    private static final int SHARE = 20;

    /// A directory has a name in its parent, one for itself, and one in each of its children.
    private static final int LINKS_OF_EMPTY = 2;

    private final int most;
    private long next;

    /// Takes what there is for somebody else's.
    ///
    /// @param more how many more there may be
    ProcessCount(int more) throws IOException {
        this.most = count(Integer.MAX_VALUE) + more;
        this.next = System.nanoTime();
    }

    boolean isOverrun() throws IOException {
        long now = System.nanoTime();
        if (now - next < 0) {
            return false;
        }
        boolean isOverrun = count(most) > most;
        long end = System.nanoTime();
        next = end + SHARE * (end - now);
        return isOverrun;
    }

    /// Without the builder's own threads.
    ///
    /// @param enough where counting stops
    private static int count(int enough) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path one : all) {
                count += one.equals(SELF) ? 0 : threads(one);
                if (count > enough) {
                    break;
                }
            }
        }
        return count;
    }

    private static int threads(Path process) {
        try {
            return (int) Files.getAttribute(process.resolve("task"), "unix:nlink") - LINKS_OF_EMPTY;
        } catch (IOException e) {
            return 0; // It has ended.
        }
    }
}
