package build.kiln.builder.source.git;

import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A git repository at one revision.
///
/// Files are as they are stored in the repository: no hook, filter, or end-of-line conversion runs. Files have
/// the mode 0644 or 0755, and everything has the commit's time, so that equal commits give equal trees.
///
/// @param url `https://`, `http://`, `ssh://`, `git://` or `user@host:path`
/// @param revision a branch, a tag, a commit (all or the first digits of its id) or a full name (`refs/…`);
///     empty for what the repository's HEAD points at. A branch wins over a tag of the same name
/// @param credentials the folder that the Secret is mounted at; null if there is none
public record GitSource(
        String url,
        String revision,
        Submodules submodules,
        Reach reach,
        @Nullable Path credentials,
        Places places) implements Source {

    /// What happens to the repositories that are part of this one.
    public enum Submodules {
        /// Their folders stay empty.
        LEFT_OUT,
        /// They are fetched too, and those in them.
        FETCHED
    }

    /// Which repositories may be read.
    public enum Reach {
        /// Those that are reached over the network.
        NETWORK,
        /// Also those on this machine (`file://`): for the command line.
        MACHINE
    }

    /// Where the user wrote what, for messages.
    public record Places(String url, String revision, String credentials) {

        /// The fields of an ImageBuild that names no Secret.
        public static final Places RESOURCE =
                new Places("spec.source.git.url", "spec.source.git.revision", "spec.source.git.credentialsSecret");

        /// The fields of an ImageBuild that names this Secret.
        public static Places withSecret(String secret) {
            return new Places(
                    RESOURCE.url(), RESOURCE.revision(), "Secret \"" + secret + "\" (" + RESOURCE.credentials() + ")");
        }
    }

    @Override
    public SourceTree obtain(Path work) {
        return new GitCheckout(this, work).run();
    }

    /// Without the user-info of the URL.
    @Override
    public String toString() {
        return "git " + revision + " of " + url.replaceFirst("//[^/@]*@", "//");
    }
}
