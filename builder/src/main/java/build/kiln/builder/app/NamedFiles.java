package build.kiln.builder.app;

import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.FolderSource;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.http.HttpFile;
import java.nio.file.Path;

/// A further context that is files: a folder, a git repository, or a file behind a URL, which is then called `context`.
///
/// @param folder below what the source brings
record NamedFiles(Source source, AskedPath folder) {

    /// Reads what the command line has behind the name.
    static NamedFiles ofCommandLine(String text, GitTokens tokens, String place) {
        return switch (ContextLocation.parse(text, place)) {
            case ContextLocation.Folder(Path path) ->
                new NamedFiles(new FolderSource(path, place), new AskedPath(".", place));
            case ContextLocation.Git(var repository) ->
                git(new ContextLocation.Git(repository), GitSource.Reach.MACHINE, tokens, place);
            case ContextLocation.Url(String url) -> url(url, place);
            case ContextLocation.Input() ->
                throw refused("\"-\" is standard input, which only CONTEXT and --file can be", place);
        };
    }

    /// Reads what an ImageBuild has behind the name: nothing of the pod's own files can be meant.
    static NamedFiles ofResource(String text, GitTokens tokens, String place) {
        return switch (ContextLocation.parse(text, place)) {
            case ContextLocation.Git git -> git(git, GitSource.Reach.NETWORK, tokens, place);
            case ContextLocation.Url(String url) -> url(url, place);
            case ContextLocation.Folder _, ContextLocation.Input _ ->
                throw refused(
                        "\"" + text + "\" is no image, repository or URL, and a pod has no folders of yours", place);
        };
    }

    private static NamedFiles git(ContextLocation.Git git, GitSource.Reach reach, GitTokens tokens, String place) {
        return new NamedFiles(
                RemoteFiles.source(
                        git.repository(),
                        Boolean.TRUE.equals(git.repository().keepGitDir()),
                        git.repository().checksum(),
                        reach,
                        tokens,
                        place),
                new AskedPath(git.repository().folder(), place));
    }

    private static NamedFiles url(String url, String place) {
        return new NamedFiles(new HttpFile(url, "context", null, place), new AskedPath(".", place));
    }

    private static RequestFailure refused(String fact, String place) {
        return new RequestFailure(
                Reason.RequestInvalid,
                place,
                fact + ".",
                "Write docker-image://REFERENCE, the URL of a git repository, or the URL of a file.");
    }

    /// @param work an empty folder
    SourceTree obtain(Path work) {
        return source.obtain(work).below(folder);
    }
}
