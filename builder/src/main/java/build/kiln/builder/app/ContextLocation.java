package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.plan.GitReference;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the files of a context are, as the user has written it.
sealed interface ContextLocation {

    /// A folder of this machine.
    record Folder(Path path) implements ContextLocation {}

    /// A git repository.
    record Git(GitReference repository) implements ContextLocation {}

    /// A file behind `http://` or `https://`.
    record Url(String url) implements ContextLocation {}

    /// What comes on standard input.
    record Input() implements ContextLocation {}

    /// Reads CONTEXT, or what `--build-context` and `spec.contexts` have behind the name. What is a folder here is a
    /// folder, whatever else its name could mean.
    ///
    /// @param place that has the text, for messages
    static ContextLocation parse(String text, String place) {
        if (text.equals("-")) {
            return new Input();
        }
        if (isFolder(text)) {
            return new Folder(Path.of(text));
        }
        Optional<GitReference> git = git(text.startsWith("github.com/") ? ofGithub(text) : text, place);
        if (git.isPresent()) {
            return new Git(git.get());
        }
        if (text.startsWith("http://") || text.startsWith("https://")) {
            return new Url(text);
        }
        if (text.contains("://")) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "\"" + ShownUrl.bare(text) + "\" is neither a folder nor an address that files can be had from.",
                    "Name a folder, a git repository, or a URL that begins with https://.");
        }
        return new Folder(Path.of(text));
    }

    /// `github.com/owner/name#revision`, the short form of a context that has always been there.
    private static String ofGithub(String text) {
        int end = (text + "#").indexOf('#');
        int query = (text + "?").indexOf('?');
        int path = Math.min(end, query);
        String suffix = text.substring(0, path).endsWith(".git") ? "" : ".git";
        return "https://" + text.substring(0, path) + suffix + text.substring(path);
    }

    private static Optional<GitReference> git(String text, String place) {
        try {
            return GitReference.parse(text);
        } catch (GitReference.Malformed e) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "the repository " + ShownUrl.bare(text) + " " + e.getMessage() + ".",
                    "Correct the part behind \"?\" or \"#\".");
        }
    }

    private static boolean isFolder(String text) {
        try {
            return Files.isDirectory(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
