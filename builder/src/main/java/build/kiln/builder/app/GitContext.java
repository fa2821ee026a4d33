package build.kiln.builder.app;

import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource;
import org.jspecify.annotations.Nullable;

/// A CONTEXT that is a git repository: `https://example.com/app.git#main:folder`.
///
/// @param revision empty for the repository's own default
/// @param folder below the repository's root
record GitContext(String url, String revision, String folder) {

    private static final GitSource.Places PLACES =
            new GitSource.Places("CONTEXT", "the revision in CONTEXT", "the credentials");

    /// True for what can only be a repository: an SSH or git address, or a path that ends with `.git`.
    static boolean isOne(String context) {
        int hash = context.indexOf('#');
        String url = hash < 0 ? context : context.substring(0, hash);
        return url.startsWith("git://")
                || url.startsWith("ssh://")
                || url.matches("[a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:.+")
                || url.contains("://") && url.endsWith(".git");
    }

    static GitContext parse(String context) {
        int hash = context.indexOf('#');
        if (hash < 0) {
            return new GitContext(context, "", ".");
        }
        String fragment = context.substring(hash + 1);
        int colon = fragment.indexOf(':');
        return new GitContext(
                context.substring(0, hash),
                colon < 0 ? fragment : fragment.substring(0, colon),
                colon < 0 || colon == fragment.length() - 1 ? "." : fragment.substring(colon + 1));
    }

    Source source() {
        return new GitSource(url, revision, GitSource.Submodules.FETCHED, GitSource.Reach.MACHINE, null, PLACES);
    }

    /// @param file below the folder; null for `Dockerfile`
    BuildFiles files(SourceTree tree, @Nullable String file) {
        return BuildFiles.find(
                tree.root(), new AskedPath(folder, "CONTEXT"), new AskedPath(file == null ? "" : file, "--file"));
    }
}
