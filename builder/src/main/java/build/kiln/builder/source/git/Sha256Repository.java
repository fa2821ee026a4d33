package build.kiln.builder.source.git;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;

/// A remote repository is of the SHA-256 format, which jgit does not read, or it looks like one: a server that
/// jgit asks for SHA-1 ends the conversation without a word.
final class Sha256Repository extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient GitAddress address;

    private Sha256Repository(GitAddress address, RuntimeException cause) {
        super(cause);
        this.address = address;
    }

    /// @param cause what jgit says to an id of SHA-256
    static Sha256Repository certain(GitAddress address, RuntimeException cause) {
        return new Sha256Repository(address, cause);
    }

    /// @param otherwise what has failed if it is another repository after all
    static Sha256Repository suspected(GitAddress address, BuildFailure otherwise) {
        return new Sha256Repository(address, otherwise);
    }

    boolean isCertain() {
        return !(getCause() instanceof BuildFailure);
    }

    /// @param fact why it cannot be read
    BuildFailure refused(String fact) {
        return getCause() instanceof BuildFailure otherwise ? otherwise : refused(address, fact);
    }

    /// @param fact why it cannot be read
    static SourceFailure refused(GitAddress address, String fact) {
        return new SourceFailure(
                Reason.NotSupportedYet,
                "the repository " + address,
                "its objects are named by SHA-256, not by SHA-1, and " + fact + ".",
                "Use a repository of the SHA-1 format, or put the files into the build context.");
    }
}
