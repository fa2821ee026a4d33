package build.kiln.builder.failure;

/// The Dockerfile breaks a rule, or asks for what Kiln does not do.
public final class DockerfileFailure extends BuildFailure {

    private final int line;
    private final String lineText;

    /// @param file the Dockerfile's name as the user gave it
    /// @param line its line, counted from 1; 0 if the whole file is meant
    /// @param lineText the text of that line, shown below the message; may be empty
    public DockerfileFailure(Reason reason, String file, int line, String lineText, String fact, String advice) {
        super(reason, line > 0 ? file + ":" + line : file, fact, advice, null);
        this.line = line;
        this.lineText = lineText;
    }

    public int line() {
        return line;
    }

    public String lineText() {
        return lineText;
    }
}
