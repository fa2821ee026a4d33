package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.PathBytes;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.TreeWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Brings the files of one revision of a repository of the SHA-256 format into a folder, by the program git.
///
/// @param warnings of the whole checkout
record Sha256Checkout(GitSource source, GitProgram git, List<String> warnings, LargeFilePointers pointers) {

    private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern START_OF_ID = Pattern.compile("[0-9a-f]{4,63}");
    private static final String FETCHED = "refs/kiln/source";

    /// The id of what the revision names, found without fetching it; empty if only a fetch can tell what it is, or that
    /// it is the wanted one.
    Optional<String> identity() throws IOException {
        String wanted = source.wanted().checksum();
        return named().filter(id -> wanted == null || id.startsWith(wanted));
    }

    private Optional<String> named() throws IOException {
        if (WHOLE_ID.matcher(revision()).matches()) {
            return Optional.of(revision());
        }
        Map<String, String> refs = advertised();
        String name = name(refs);
        if (name == null && !isStartOfId()) {
            throw notFound();
        }
        return name == null ? Optional.empty() : Optional.ofNullable(refs.get(name));
    }

    /// @param files that is made
    SourceTree run(Path files) throws IOException {
        if (source.wanted().gitFolder() == GitSource.GitFolder.KEPT) {
            throw refused("the folder .git is not kept of those");
        }
        fetch();
        String object = git.run("rev-parse", FETCHED).text();
        GitProgram.Ended peeled = git.run("rev-parse", "--verify", "--quiet", FETCHED + "^{commit}");
        if (peeled.status() != 0) {
            throw new SourceFailure(
                    Reason.RevisionNotFound,
                    source.places().revision(),
                    "\"" + revision() + "\" is not a commit in " + git.address() + ".",
                    "Name a branch, a tag, or the id of a commit.");
        }
        String commit = peeled.text();
        check(commit, object);
        Instant time = Instant.ofEpochSecond(
                Long.parseLong(git.run("log", "-1", "--format=%ct", commit).text()));
        TreeWriter tree = new TreeWriter(Files.createDirectory(files), time);
        write(commit, tree);
        tree.finish();
        pointers.warning().ifPresent(warnings::add);
        return new SourceTree(files, commit, time, warnings);
    }

    private String revision() {
        return source.wanted().revision();
    }

    private boolean isStartOfId() {
        return source.wanted().ids() == GitSource.Ids.SHORT_TOO
                && START_OF_ID.matcher(revision()).matches();
    }

    private void check(String commit, String object) {
        String wanted = source.wanted().checksum();
        if (wanted != null && !commit.startsWith(wanted) && !object.startsWith(wanted)) {
            throw new SourceFailure(
                    Reason.SourceCorrupt,
                    source.places().revision(),
                    (revision().isEmpty() ? "HEAD" : "\"" + revision() + "\"") + " of " + git.address()
                            + " is the commit " + commit + ", and should be " + wanted + ".",
                    "If it was moved on purpose, write the id of its new commit.");
        }
    }

    /// Lets [#FETCHED] point at what the revision names.
    private void fetch() throws IOException {
        String name = name(advertised());
        if (name != null) {
            GitProgram.Ended ended = fetchShallow(name);
            if (ended.status() != 0) {
                throw git.failure(ended);
            }
        } else if (WHOLE_ID.matcher(revision()).matches()) {
            if (fetchShallow(revision()).status() != 0) {
                fetchAll(); // the server tells nothing but what its names point at
                found(revision());
            }
        } else if (isStartOfId()) {
            fetchAll();
            found(revision() + "^{commit}");
        } else {
            throw notFound();
        }
    }

    private void found(String id) throws IOException {
        if (git.run("update-ref", FETCHED, id).status() != 0) {
            throw notFound();
        }
    }

    private GitProgram.Ended fetchShallow(String what) throws IOException {
        String spec = "+" + what + ":" + FETCHED;
        GitProgram.Ended ended = git.run("fetch", "--quiet", "--no-tags", "--depth=1", "--", url(), spec);
        boolean plainFiles = ended.err().contains("does not support shallow");
        return plainFiles ? git.run("fetch", "--quiet", "--no-tags", "--", url(), spec) : ended;
    }

    private void fetchAll() throws IOException {
        GitProgram.Ended ended =
                git.run("fetch", "--quiet", "--", url(), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*");
        if (ended.status() != 0) {
            throw git.failure(ended);
        }
    }

    private String url() {
        return git.address().uri().toPrivateString();
    }

    /// What the remote calls by which name.
    private Map<String, String> advertised() throws IOException {
        GitProgram.Ended ended = git.run("ls-remote", "--quiet", "--", url());
        if (ended.status() != 0) {
            throw git.failure(ended);
        }
        Map<String, String> refs = new LinkedHashMap<>();
        ended.text().lines().map(line -> line.split("\t", 2)).forEach(ref -> refs.put(ref[1], ref[0]));
        return refs;
    }

    private @Nullable String name(Map<String, String> refs) {
        if (revision().isEmpty() || revision().equals("HEAD")) {
            if (!refs.containsKey("HEAD")) {
                throw new SourceFailure(
                        Reason.RevisionNotFound,
                        source.places().revision(),
                        git.address() + " has no HEAD: it has no commit, or HEAD points at no branch.",
                        "Push a commit, or name a branch.");
            }
            return "HEAD";
        }
        List<String> names = revision().startsWith("refs/")
                ? List.of(revision())
                : List.of("refs/heads/" + revision(), "refs/tags/" + revision());
        List<String> there = names.stream().filter(refs::containsKey).toList();
        if (there.size() > 1) {
            warnings.add("\"" + revision() + "\" is a branch and a tag in " + git.address()
                    + ": the branch was built. Name \"refs/tags/" + revision() + "\" for the tag.");
        }
        return there.isEmpty() ? null : there.getFirst();
    }

    private void write(String commit, TreeWriter tree) throws IOException {
        byte[] listing =
                git.run("ls-tree", "-r", "-t", "-z", "--full-tree", commit).out();
        try (Sha256Blobs blobs = new Sha256Blobs(git)) {
            int from = 0;
            for (int at = 0; at < listing.length; at++) {
                if (listing[at] == 0) {
                    entry(commit, Arrays.copyOfRange(listing, from, at), tree, blobs);
                    from = at + 1;
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw corrupt(commit, "has two entries with the same name, \"" + e.getFile() + "\".");
        }
    }

    /// @param line `MODE TYPE ID<tab>PATH`; the folders above it came before
    private void entry(String commit, byte[] line, TreeWriter tree, Sha256Blobs blobs) throws IOException {
        String text = new String(line, StandardCharsets.ISO_8859_1);
        int tab = text.indexOf('\t');
        if (CommitFiles.isForbidden(text.substring(Math.max(tab, text.lastIndexOf('/')) + 1))) {
            throw corrupt(commit, "has a file with the forbidden name \"" + text.substring(tab + 1) + "\".");
        }
        Path path = PathBytes.relative(Arrays.copyOfRange(line, tab + 1, line.length));
        String[] words = text.substring(0, tab).split(" ");
        switch (words[0]) {
            case "040000" -> tree.directory(path);
            case "160000" -> {
                if (source.wanted().submodules() == GitSource.Submodules.FETCHED) {
                    throw refused("the submodule \"" + path + "\" of it cannot be fetched");
                }
                tree.directory(path);
            }
            case "120000" -> tree.symlink(path, blobs.link(words[2]));
            case "100755" -> blobs.read(words[2], path, pointers, tree::executable);
            case "100644", "100664" -> blobs.read(words[2], path, pointers, tree::file);
            default -> throw corrupt(commit, "has an entry \"" + path + "\" of the unknown mode " + words[0] + ".");
        }
    }

    private SourceFailure notFound() {
        return new SourceFailure(
                Reason.RevisionNotFound,
                source.places().revision(),
                git.address() + " has no branch, tag or commit \"" + revision() + "\".",
                "Correct the revision, or push it.");
    }

    private SourceFailure corrupt(String commit, String fact) {
        return new SourceFailure(
                Reason.SourceCorrupt,
                source.places().url(),
                "commit " + commit + " of " + git.address() + " " + fact,
                "Correct it in the repository, and push.");
    }

    private SourceFailure refused(String fact) {
        return Sha256Repository.refused(git.address(), fact);
    }
}
