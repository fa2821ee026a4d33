package build.kiln.builder.source.git;

import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A git repository at one revision.
///
/// Files are as they are stored in the repository: no hook, filter, or end-of-line conversion runs. Files have
/// the mode 0644 or 0755, and everything has the commit's time, so that equal commits give equal trees.
///
/// @param url `https://`, `http://`, `ssh://`, `git://` or `user@host:path`
/// @param credentials the folder that the Secret is mounted at; null if there is none
/// @param tokens the build's own secrets for repositories, where no Secret is mounted; its login is also for submodules
///     on other hosts
public record GitSource(
        String url, Wanted wanted, Reach reach, @Nullable Path credentials, GitTokens tokens, Places places)
        implements Source {

    /// What is wanted of a repository.
    ///
    /// @param revision a branch, a tag, a commit or a full name (`refs/…`); empty for what the repository's
    ///     HEAD points at. A branch wins over a tag of the same name
    /// @param checksum how the id of the commit, or of the tag that leads to it, has to begin; null if nobody said
    public record Wanted(
            String revision, @Nullable String checksum, Ids ids, Submodules submodules, GitFolder gitFolder) {

        /// This revision by a whole name or id, and nothing but the files.
        public static Wanted of(String revision, Submodules submodules) {
            return new Wanted(revision, null, Ids.WHOLE, submodules, GitFolder.LEFT_OUT);
        }
    }

    /// How a revision may name a commit.
    public enum Ids {
        /// By its whole id alone.
        WHOLE,
        /// Also by the first digits of its id, at the price of fetching the whole history.
        SHORT_TOO
    }

    /// What becomes of the folder `.git`.
    public enum GitFolder {
        /// There is none.
        LEFT_OUT,
        /// It holds this one commit, checked out: git finds a shallow clone.
        KEPT
    }

    /// A repository that no secret of the build is for.
    public GitSource(String url, Wanted wanted, Reach reach, @Nullable Path credentials, Places places) {
        this(url, wanted, reach, credentials, GitTokens.none(), places);
    }

    /// A repository at one revision, whose files alone are wanted.
    public GitSource(
            String url,
            String revision,
            Submodules submodules,
            Reach reach,
            @Nullable Path credentials,
            Places places) {
        this(
                url,
                new Wanted(revision, null, Ids.SHORT_TOO, submodules, GitFolder.LEFT_OUT),
                reach,
                credentials,
                places);
    }

    /// The same for who has given this login.
    public GitSource withLogin(@Nullable SshLogin login) {
        return new GitSource(url, wanted, reach, credentials, tokens.withLogin(login), places);
    }

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
    ///
    /// @param advice how credentials are given, as a sentence goes on with it
    public record Places(String url, String revision, String credentials, String advice) {

        /// The fields of an ImageBuild that names no Secret.
        public static final Places RESOURCE = new Places(
                "spec.source.git.url",
                "spec.source.git.revision",
                "spec.source.git.credentialsSecret",
                "name a Secret with credentials in spec.source.git.credentialsSecret");

        /// The instruction or the flag that names the repository: its credentials are secrets of the build.
        public static Places of(String place) {
            return new Places(
                    place,
                    place,
                    place,
                    "give the secret " + GitTokens.TOKEN + " (--secret id=" + GitTokens.TOKEN
                            + ",env=VARIABLE; in an ImageBuild, spec.secrets)");
        }

        /// The fields of an ImageBuild that names this Secret.
        public static Places withSecret(String secret) {
            return new Places(
                    RESOURCE.url(),
                    RESOURCE.revision(),
                    "Secret \"" + secret + "\" (" + RESOURCE.credentials() + ")",
                    RESOURCE.advice());
        }
    }

    @Override
    public SourceTree obtain(Path work) {
        return new GitCheckout(this, work).run();
    }

    /// The id of what the revision names now, found without fetching it: of the commit, or of a tag that leads to it.
    /// Empty if only a fetch can tell, also whether the id begins as it has to.
    ///
    /// @param work an empty folder for this question's own use
    /// @throws build.kiln.builder.failure.BuildFailure as [#obtain]
    public Optional<String> identity(Path work) {
        return new GitCheckout(this, work).identity();
    }

    /// Without the user-info of the URL.
    @Override
    public String toString() {
        return "git " + wanted.revision() + " of " + ShownUrl.bare(url);
    }
}
