package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The sources of an ADD that lie elsewhere: URLs and git repositories.
final class RemoteSource {

    private static final Pattern DIGEST = Pattern.compile("[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+");

    private RemoteSource() {}

    /// Empty if the source is a path.
    ///
    /// @param checksum the flag's value; empty if not given
    /// @throws build.kiln.builder.failure.DockerfileFailure if flags and source contradict each other
    static Optional<Step.CopySource> parse(
            Origin origin, String source, String checksum, @Nullable Boolean keepGitDir, @Nullable Boolean unpack) {
        Optional<GitReference> git = repository(origin, source);
        if (git.isPresent()) {
            return Optional.of(repository(origin, git.get(), checksum, keepGitDir));
        }
        if (!isUrl(source)) {
            return Optional.empty();
        }
        if (!checksum.isEmpty()) {
            checkDigest(origin, checksum);
        }
        return Optional.of(
                new Step.CopySource.Url(source, checksum.isEmpty() ? null : checksum, Boolean.TRUE.equals(unpack)));
    }

    static boolean isUrl(String source) {
        return source.startsWith("http://") || source.startsWith("https://");
    }

    /// The repository that a source names. One on the machine that builds is none: a Dockerfile does not reach it.
    static Optional<GitReference> repository(Origin origin, String source) {
        if (source.startsWith("file:")) {
            return Optional.empty();
        }
        try {
            return GitReference.parse(source);
        } catch (GitReference.Malformed e) {
            throw origin.failure(
                    "The repository " + GitReference.shown(source) + " " + e.getMessage() + ".",
                    "Correct the part behind \"?\" or \"#\".");
        }
    }

    private static Step.CopySource repository(
            Origin origin, GitReference git, String checksum, @Nullable Boolean keepGitDir) {
        if (keepGitDir != null && git.keepGitDir() != null && !keepGitDir.equals(git.keepGitDir())) {
            throw origin.failure(
                    "--keep-git-dir=" + keepGitDir + " contradicts keep-git-dir=" + git.keepGitDir() + " in the URL.",
                    "Remove one of them.");
        }
        if (!checksum.isEmpty() && git.checksum() != null && !checksum.equals(git.checksum())) {
            throw origin.failure(
                    "--checksum=" + checksum + " contradicts the commit " + git.checksum() + " in the URL.",
                    "Remove one of them.");
        }
        boolean keep = Boolean.TRUE.equals(git.keepGitDir() != null ? git.keepGitDir() : keepGitDir);
        String commit = git.checksum() != null ? git.checksum() : checksum;
        return new Step.CopySource.Git(git, keep, commit.isEmpty() ? null : commit);
    }

    private static void checkDigest(Origin origin, String checksum) {
        int hexLength = switch (checksum.substring(0, Math.max(0, checksum.indexOf(':')))) {
            case "sha256" -> 64;
            case "sha384" -> 96;
            case "sha512" -> 128;
            default -> 0;
        };
        String hex = checksum.substring(checksum.indexOf(':') + 1);
        if (!DIGEST.matcher(checksum).matches()) {
            throw origin.failure(
                    "--checksum has the value \"" + checksum + "\", which is not a digest.",
                    "Write the algorithm and its hexadecimal digits, as in sha256:24454f83….");
        }
        if (hexLength == 0) {
            throw origin.failure(
                    "--checksum has the value \"" + checksum + "\", whose algorithm is unknown.",
                    "Use sha256, sha384 or sha512.");
        }
        if (hex.length() != hexLength || !hex.matches("[0-9a-f]*")) {
            throw origin.failure(
                    "--checksum has " + hex.length() + " characters behind the colon, which are not the " + hexLength
                            + " hexadecimal digits of its algorithm.",
                    "Write the whole digest in lower case.");
        }
    }
}
