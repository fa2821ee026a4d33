package build.kiln.builder.sandbox;

/// Where a process's output goes, line by line, as it comes.
@FunctionalInterface
public interface OutputSink {

    /// Which stream a line came from.
    enum Stream {
        OUT,
        ERROR
    }

    /// A line longer than this comes in pieces, each as if it were a line.
    int MAX_LINE_BYTES = 64 * 1024;

    /// Takes a line. Never called by two threads at once. While it blocks, the process blocks when it prints
    /// more.
    ///
    /// @param line without its line feed; any bytes. The array is the sink's to keep
    void line(Stream stream, byte[] line);
}
