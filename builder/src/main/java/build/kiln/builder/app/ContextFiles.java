package build.kiln.builder.app;

import build.kiln.builder.execute.RemoteContext;
import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.FolderSource;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.Unwritable;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitTokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The main context of the command line: CONTEXT and `--file`, each of which may be `-`, standard input.
///
/// @param file null for the Dockerfile of the context
/// @param work a folder of this build's own
record ContextFiles(
        Source source, ContextLocation location, @Nullable String file, InputStream in, Path work) {

    private static final String CONTEXT = "CONTEXT";
    private static final String FILE = "--file";

    /// @param keepGitDir whether a repository's folder `.git` belongs to the context, if its address does not say
    static ContextFiles of(
            String context, @Nullable String file, boolean keepGitDir, GitTokens tokens, InputStream in, Path work) {
        ContextLocation location = ContextLocation.parse(context, CONTEXT);
        if (location instanceof ContextLocation.Input && "-".equals(file)) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "CONTEXT and --file",
                    "both are \"-\", and standard input can be only one of them.",
                    "Name a file or a folder for one of them.");
        }
        Source source = switch (location) {
            case ContextLocation.Folder(Path path) -> new FolderSource(path, CONTEXT);
            case ContextLocation.Git(var repository) ->
                RemoteFiles.source(
                        repository,
                        keepGitDir || Boolean.TRUE.equals(repository.keepGitDir()),
                        repository.checksum(),
                        GitSource.Reach.MACHINE,
                        tokens,
                        CONTEXT);
            case ContextLocation.Url(String url) -> RemoteContext.ofUrl(url, CONTEXT);
            case ContextLocation.Input() -> RemoteContext.ofInput(in, CONTEXT);
        };
        return new ContextFiles(source, location, file, in, work);
    }

    /// Finds Dockerfile and context in what the source has brought. A Dockerfile of a folder may lie anywhere; one of
    /// a context that was fetched lies in it.
    BuildFiles find(SourceTree tree) {
        AskedPath asked = new AskedPath(file == null ? "" : file, FILE);
        SourceTree whole = location instanceof ContextLocation.Git(var repository)
                ? tree.below(new AskedPath(repository.folder(), CONTEXT))
                : tree;
        if ("-".equals(file)) {
            return BuildFiles.findOutside(whole.root(), new AskedPath(received().toString(), FILE));
        }
        return switch (location) {
            case ContextLocation.Folder _ when file != null -> BuildFiles.findOutside(tree.root(), asked);
            case ContextLocation.Folder _, ContextLocation.Git _ ->
                BuildFiles.find(whole.root(), new AskedPath(".", CONTEXT), asked);
            case ContextLocation.Url _, ContextLocation.Input _ -> ((RemoteContext) source).files(tree, asked);
        };
    }

    private Path received() {
        Path file = work.resolve("standard-input").resolve("Dockerfile");
        try {
            Files.createDirectories(file.getParent());
            Files.copy(in, file);
            return file;
        } catch (IOException e) {
            throw Unwritable.failure(FILE, work, e);
        }
    }
}
