package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.PathBytes;
import build.kiln.builder.source.TreeWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;

/// Writes the files of one commit: bytes, execute bits and links as they are stored.
final class CommitFiles {

    /// A folder that another repository belongs in.
    ///
    /// @param path relative to the repository's root
    record Submodule(Path path, ObjectId commit) {}

    private static final Set<String> FORBIDDEN = Set.of("", ".", "..", ".git");
    private static final int MOST_LINK_BYTES = 4096;

    private final GitRemote remote;
    private final RevCommit commit;
    private final TreeWriter tree;
    private final Path below;
    private final LargeFilePointers pointers;
    private final String place;
    private final List<Submodule> submodules = new ArrayList<>();

    /// @param below where in the tree the repository's root lies; the folder is there already
    CommitFiles(
            GitRemote remote, RevCommit commit, TreeWriter tree, Path below, LargeFilePointers pointers, String place) {
        this.remote = remote;
        this.commit = commit;
        this.tree = tree;
        this.below = below;
        this.pointers = pointers;
        this.place = place;
    }

    List<Submodule> write() throws IOException {
        try (TreeWalk walk = new TreeWalk(remote.repository())) {
            walk.addTree(commit.getTree());
            while (walk.next()) {
                Path path = PathBytes.relative(walk.getRawPath());
                check(walk.getRawPath());
                one(walk, path);
                if (walk.isSubtree()) {
                    walk.enterSubtree();
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw corrupt("has two entries with the same name, \"" + e.getFile() + "\".");
        } catch (MissingObjectException e) {
            throw corrupt("lacks the object " + e.getObjectId().name() + ".");
        }
        return submodules;
    }

    private void one(TreeWalk walk, Path path) throws IOException {
        Path target = below.resolve(path);
        FileMode mode = walk.getFileMode(0);
        if (mode.equals(FileMode.TREE)) {
            tree.directory(target);
        } else if (mode.equals(FileMode.GITLINK)) {
            tree.directory(target);
            submodules.add(new Submodule(path, walk.getObjectId(0)));
        } else if (mode.equals(FileMode.SYMLINK)) {
            tree.symlink(target, loader(walk).getCachedBytes(MOST_LINK_BYTES));
        } else if (mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE)) {
            ObjectLoader loader = loader(walk);
            try (InputStream content = new BufferedInputStream(loader.openStream())) {
                pointers.look(target, loader.getSize(), content);
                if (mode.equals(FileMode.EXECUTABLE_FILE)) {
                    tree.executable(target, content);
                } else {
                    tree.file(target, content);
                }
            }
        } else {
            throw corrupt("has an entry \"" + path + "\" of the unknown mode " + mode + ".");
        }
    }

    private static ObjectLoader loader(TreeWalk walk) throws IOException {
        return walk.getObjectReader().open(walk.getObjectId(0));
    }

    /// The walk gives the path of an entry whose parents have been checked.
    private void check(byte[] path) {
        String text = new String(path, StandardCharsets.ISO_8859_1);
        String name = text.substring(text.lastIndexOf('/') + 1);
        if (isForbidden(name)) {
            throw corrupt("has a file with the forbidden name \"" + name + "\".");
        }
    }

    /// Whether this is no name that a file of a repository may have.
    static boolean isForbidden(String name) {
        return FORBIDDEN.contains(name) || name.indexOf('\0') >= 0;
    }

    private SourceFailure corrupt(String fact) {
        return new SourceFailure(
                Reason.SourceCorrupt,
                place,
                "commit " + commit.name() + " of " + remote.address() + " " + fact,
                "Correct it in the repository, and push.");
    }
}
