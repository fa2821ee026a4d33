package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.TreeWriter;
import build.kiln.builder.source.Unwritable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.revwalk.RevCommit;

/// Brings the files of one revision, and of its submodules, into a folder.
final class GitCheckout {

    private static final int DEEPEST = 10;
    private static final Path ROOT = Path.of("");

    private final GitSource source;
    private final Path work;
    private final List<String> warnings = new ArrayList<>();
    private final LargeFilePointers pointers = new LargeFilePointers();
    private int repositories;

    GitCheckout(GitSource source, Path work) {
        this.source = source;
        this.work = work;
    }

    Optional<String> identity() {
        try (GitRemote remote = open()) {
            try {
                return revision(remote).identity(source.wanted().checksum());
            } catch (Sha256Repository e) {
                return sha256(e).identity();
            }
        } catch (IOException e) {
            throw Unwritable.failure(source.places().url(), work, e);
        } finally {
            removeRepositories();
        }
    }

    SourceTree run() {
        Path files = work.resolve("files");
        try (GitRemote remote = open()) {
            GitRevision.Fetched fetched;
            try {
                fetched = revision(remote).fetch();
            } catch (Sha256Repository e) {
                return sha256(e).run(files);
            }
            check(remote, fetched);
            RevCommit commit = fetched.commit();
            Instant time = commit.getCommitterIdent().getWhenAsInstant();
            TreeWriter tree = new TreeWriter(Files.createDirectory(files), time);
            write(remote, remote.secret(), commit, tree, ROOT, 1);
            if (source.wanted().gitFolder() == GitSource.GitFolder.KEPT) {
                new KeptGitFolder(remote, fetched, work).write(tree);
            }
            tree.finish();
            pointers.warning().ifPresent(warnings::add);
            return new SourceTree(files, commit.name(), time, warnings);
        } catch (IOException e) {
            throw Unwritable.failure(source.places().url(), work, e);
        } finally {
            removeRepositories();
        }
    }

    private GitRemote open() throws IOException {
        IsolatedReader.install();
        GitSource.Places places = source.places();
        GitAddress address = GitAddress.parse(source.url(), source.reach(), places.url(), places);
        GitSecret secret = secret(address);
        boolean sent = secret instanceof GitSecret.Basic || secret instanceof GitSecret.Header;
        if (sent && address.scheme() == GitAddress.Scheme.HTTP) {
            warnings.add("The credentials for " + address + " are sent without encryption. Use https://.");
        }
        return new GitRemote(address, secret, places, nextRepository());
    }

    private GitSecret secret(GitAddress address) {
        return source.credentials() == null && address.scheme().isHttp()
                ? new TokenChoice(source.tokens(), source.places().credentials()).secret(address)
                : GitSecret.read(
                        source.credentials(),
                        source.tokens().login(),
                        address,
                        source.places().credentials());
    }

    private Sha256Checkout sha256(Sha256Repository found) throws IOException {
        GitSource.Places places = source.places();
        GitAddress address = GitAddress.parse(source.url(), source.reach(), places.url(), places);
        GitSecret secret = secret(address);
        if (address.scheme() == GitAddress.Scheme.SSH) {
            throw found.refused("those are not fetched over SSH");
        }
        GitProgram git = GitProgram.withRepository(address, secret, places, nextRepository())
                .orElseThrow(() -> found.refused(
                        "only the program git can read it, which is not installed here in version 2.29 or later"));
        if (!found.isCertain() && !git.isSha256()) {
            throw found.refused("");
        }
        return new Sha256Checkout(source, git, warnings, pointers);
    }

    private GitRevision revision(GitRemote remote) {
        return new GitRevision(
                remote,
                source.wanted().revision(),
                source.wanted().ids(),
                source.places().revision(),
                warnings);
    }

    private void check(GitRemote remote, GitRevision.Fetched fetched) {
        String wanted = source.wanted().checksum();
        if (wanted != null && !fetched.matches(wanted)) {
            String revision = source.wanted().revision();
            throw new SourceFailure(
                    Reason.SourceCorrupt,
                    source.places().revision(),
                    (revision.isEmpty() ? "HEAD" : "\"" + revision + "\"") + " of " + remote.address()
                            + " is the commit " + fetched.commit().name() + ", and should be " + wanted + ".",
                    "If it was moved on purpose, write the id of its new commit.");
        }
    }

    private Path nextRepository() throws IOException {
        return Files.createDirectories(work.resolve("repositories").resolve(String.valueOf(repositories++)));
    }

    private void write(GitRemote remote, GitSecret secret, RevCommit commit, TreeWriter tree, Path below, int depth)
            throws IOException {
        var writer = new CommitFiles(
                remote, commit, tree, below, pointers, source.places().url());
        List<CommitFiles.Submodule> submodules = writer.write();
        if (submodules.isEmpty() || source.wanted().submodules() == GitSource.Submodules.LEFT_OUT) {
            return;
        }
        if (depth == DEEPEST) {
            throw corrupt("submodules are nested more than " + DEEPEST + " deep.");
        }
        Config config = submoduleConfig(remote, commit);
        for (CommitFiles.Submodule submodule : submodules) {
            fetch(remote, secret, config, submodule, tree, below, depth);
        }
    }

    private void fetch(
            GitRemote parent,
            GitSecret parentSecret,
            Config config,
            CommitFiles.Submodule submodule,
            TreeWriter tree,
            Path below,
            int depth)
            throws IOException {
        GitAddress address = address(parent.address(), config, submodule);
        // The credentials are for one host: a repository must not send them wherever it likes.
        boolean sameHost = address.origin().equals(parent.address().origin());
        GitSecret secret = sameHost
                ? parentSecret
                : GitSecret.read(
                        null, source.tokens().login(), address, source.places().credentials());
        try (GitRemote remote = new GitRemote(address, secret, source.places(), nextRepository())) {
            String place = source.places().revision() + ", submodule \"" + below.resolve(submodule.path()) + "\"";
            String id = submodule.commit().name();
            RevCommit commit = new GitRevision(remote, id, GitSource.Ids.WHOLE, place, warnings)
                    .fetch()
                    .commit();
            write(remote, secret, commit, tree, below.resolve(submodule.path()), depth + 1);
        } catch (Sha256Repository e) {
            throw e.refused("it is a submodule of a repository of the SHA-1 format");
        }
    }

    private GitAddress address(GitAddress parent, Config config, CommitFiles.Submodule submodule) {
        String path = submodule.path().toString();
        for (String name : config.getSubsections("submodule")) {
            String url = config.getString("submodule", name, "url");
            if (!path.equals(config.getString("submodule", name, "path")) || url == null) {
                continue;
            }
            String resolved = parent.resolve(url);
            if (resolved == null) {
                throw corrupt("the URL of submodule \"" + path + "\" climbs out of " + parent + ".");
            }
            boolean local = parent.scheme() == GitAddress.Scheme.FILE;
            return GitAddress.parse(
                    resolved,
                    local ? GitSource.Reach.MACHINE : GitSource.Reach.NETWORK,
                    source.places().url() + ", submodule \"" + path + "\"",
                    source.places());
        }
        throw corrupt("submodule \"" + path + "\" of " + parent + " has no URL in .gitmodules.");
    }

    private Config submoduleConfig(GitRemote remote, RevCommit commit) throws IOException {
        try {
            return new BlobBasedConfig(null, remote.repository(), commit, Constants.DOT_GIT_MODULES);
        } catch (java.io.FileNotFoundException e) {
            return new Config();
        } catch (ConfigInvalidException e) {
            throw corrupt("the .gitmodules of " + remote.address() + " is not well-formed.");
        }
    }

    private SourceFailure corrupt(String fact) {
        return new SourceFailure(
                Reason.SourceCorrupt, source.places().url(), fact, "Correct it in the repository, and push.");
    }

    /// The objects are not needed once the files are there.
    private void removeRepositories() {
        try (Stream<Path> all = Files.walk(work.resolve("repositories"))) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (IOException e) {
            // They take up room until the whole work folder goes.
        }
    }
}
