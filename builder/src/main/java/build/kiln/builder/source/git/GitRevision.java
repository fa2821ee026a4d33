package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.Nearest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.AmbiguousObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.RefSpec;
import org.jspecify.annotations.Nullable;

/// Finds the commit that a revision names, and fetches it with as little history as the server allows.
record GitRevision(GitRemote remote, String revision, GitSource.Ids ids, String place, List<String> warnings) {

    private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern START_OF_ID = Pattern.compile("[0-9a-f]{4,64}");
    private static final String FETCHED = "refs/kiln/source";

    /// What was fetched.
    ///
    /// @param name the full name that led to it; null if it was asked for by its id
    /// @param object the commit, or the tag that leads to it
    record Fetched(RevCommit commit, @Nullable String name, ObjectId object) {

        /// Whether the id of the commit, or of its tag, begins like this.
        boolean matches(String start) {
            return commit.name().startsWith(start) || object.name().startsWith(start);
        }
    }

    /// What the remote says that the revision is; empty if only a fetch can tell what it is, or that it is the wanted
    /// one.
    ///
    /// @param checksum how the id of the commit, or of its tag, has to begin; null if nobody said
    Optional<String> identity(@Nullable String checksum) {
        String start = checksum == null ? "" : checksum;
        if (WHOLE_ID.matcher(revision).matches()) {
            return Optional.of(revision).filter(id -> id.startsWith(start));
        }
        Ref ref = byName(advertised());
        if (ref == null
                && (ids == GitSource.Ids.WHOLE || !START_OF_ID.matcher(revision).matches())) {
            throw notFound();
        }
        if (ref == null || ref.getObjectId() == null) {
            return Optional.empty();
        }
        boolean isWanted = ref.getObjectId().name().startsWith(start)
                || ref.getPeeledObjectId() != null
                        && ref.getPeeledObjectId().name().startsWith(start);
        return isWanted ? Optional.of(ref.getObjectId().name()) : Optional.empty();
    }

    private Map<String, Ref> advertised() {
        return remote.list(
                "HEAD", revision.startsWith("refs/") ? revision : "refs/heads/" + revision, "refs/tags/" + revision);
    }

    /// @throws SourceFailure `RevisionNotFound`, or what [GitFailures] says
    Fetched fetch() throws IOException {
        Ref ref = byName(advertised());
        if (ref != null) {
            boolean fetched = remote.fetchShallow(new RefSpec("+" + ref.getName() + ":" + FETCHED));
            if (!fetched) {
                throw notACommit(); // only what is no commit can be had by its name and not without its history
            }
            ObjectId object = found(ref);
            return new Fetched(commit(object), ref.getName().equals("HEAD") ? null : ref.getName(), object);
        }
        if (WHOLE_ID.matcher(revision).matches()) {
            return byItself(byId());
        }
        if (ids == GitSource.Ids.SHORT_TOO && START_OF_ID.matcher(revision).matches()) {
            return byItself(byStartOfId());
        }
        throw notFound();
    }

    private static Fetched byItself(RevCommit commit) {
        return new Fetched(commit, null, commit);
    }

    /// The object that was fetched; jgit leaves the ref alone if the remote has moved it meanwhile.
    private ObjectId found(Ref ref) throws IOException {
        Ref here = remote.repository().exactRef(FETCHED);
        ObjectId id = here == null ? ref.getObjectId() : here.getObjectId();
        if (id == null) {
            throw notFound();
        }
        return id;
    }

    private @Nullable Ref byName(Map<String, Ref> refs) {
        if (revision.isEmpty() || revision.equals("HEAD")) {
            Ref head = refs.get("HEAD");
            if (head == null || head.getObjectId() == null) {
                throw new SourceFailure(
                        Reason.RevisionNotFound,
                        place,
                        remote.address() + " has no HEAD: it has no commit, or HEAD points at no branch.",
                        "Push a commit, or name a branch.");
            }
            return head;
        }
        if (revision.startsWith("refs/")) {
            return refs.get(revision);
        }
        Ref branch = refs.get("refs/heads/" + revision);
        Ref tag = refs.get("refs/tags/" + revision);
        if (branch != null && tag != null) {
            warnings.add("\"" + revision + "\" is a branch and a tag in " + remote.address()
                    + ": the branch was built. Name \"refs/tags/" + revision + "\" for the tag.");
        }
        return branch != null ? branch : tag;
    }

    private RevCommit byId() throws IOException {
        ObjectId id = ObjectId.fromString(revision);
        boolean asked = remote.givesObjectsById() && remote.fetchShallow(new RefSpec(revision + ":" + FETCHED));
        if (!asked || !has(id)) {
            remote.fetchAll(); // the server tells nothing but what its names point at
        }
        if (!has(id)) {
            throw notFound();
        }
        return commit(id);
    }

    private boolean has(ObjectId id) throws IOException {
        return remote.repository().getObjectDatabase().has(id);
    }

    private RevCommit byStartOfId() throws IOException {
        remote.fetchAll();
        try {
            ObjectId id = remote.repository().resolve(revision + "^{commit}");
            if (id != null) {
                return commit(id);
            }
        } catch (AmbiguousObjectException e) {
            throw new SourceFailure(
                    Reason.RevisionNotFound,
                    place,
                    "several objects of " + remote.address() + " have ids that start with \"" + revision + "\".",
                    "Write more digits.");
        } catch (IncorrectObjectTypeException | MissingObjectException e) {
            throw notACommit();
        }
        throw notFound();
    }

    private RevCommit commit(ObjectId id) throws IOException {
        try (RevWalk walk = new RevWalk(remote.repository())) {
            return walk.parseCommit(id);
        } catch (IncorrectObjectTypeException | MissingObjectException e) {
            throw notACommit();
        }
    }

    private SourceFailure notACommit() {
        return new SourceFailure(
                Reason.RevisionNotFound,
                place,
                "\"" + revision + "\" is not a commit in " + remote.address() + ".",
                "Name a branch, a tag, or the id of a commit.");
    }

    private SourceFailure notFound() {
        Map<String, String> names = new LinkedHashMap<>();
        for (String full : remote.list().keySet().stream().sorted().toList()) {
            for (String prefix : List.of("refs/heads/", "refs/tags/")) {
                if (full.startsWith(prefix)) {
                    names.putIfAbsent(
                            full.substring(prefix.length()), full.startsWith("refs/tags/") ? "tag" : "branch");
                }
            }
        }
        List<String> left = new ArrayList<>(names.keySet());
        List<String> near = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Optional<String> nearest = Nearest.to(revision, left);
            nearest.ifPresent(left::remove);
            nearest.ifPresent(name -> near.add(names.get(name) + " \"" + name + "\""));
        }
        String nearest = near.isEmpty() ? "" : " The nearest names are " + String.join(", ", near) + ".";
        return new SourceFailure(
                Reason.RevisionNotFound,
                place,
                remote.address() + " has no branch, tag or commit \"" + revision + "\"." + nearest,
                "Correct the revision, or push it.");
    }
}
