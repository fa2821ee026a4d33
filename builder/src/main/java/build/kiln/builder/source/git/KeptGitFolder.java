package build.kiln.builder.source.git;

import build.kiln.builder.source.TreeWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevTag;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.util.FS;

/// The folder `.git` of a tree: one commit without its history, checked out.
///
/// Its bytes follow from the commit and the name that led to it, so equal commits give equal folders: objects are
/// packed
/// anew, in one order, whatever the server has sent. Submodules have no folder of their own.
record KeptGitFolder(GitRemote remote, GitRevision.Fetched fetched, Path work) {

    private static final Path GIT = Path.of(".git");

    void write(TreeWriter tree) throws IOException {
        for (String folder : new String[] {"", "objects/pack", "objects/info", "refs/heads", "refs/tags"}) {
            tree.directories(GIT.resolve(folder));
        }
        text(tree, "HEAD", fetched.commit().name() + "\n");
        text(tree, "config", config());
        if (hasParents()) {
            text(tree, "shallow", fetched.commit().name() + "\n");
        }
        try (RevWalk walk = new RevWalk(remote.repository())) {
            Map<ObjectId, RevObject> objects = new LinkedHashMap<>();
            String refs = refs(walk, objects);
            if (!refs.isEmpty()) {
                text(tree, "packed-refs", refs);
            }
            index(tree, walk, objects);
            pack(tree, objects);
        }
    }

    /// By the commit's own text: jgit hides the parents that were not fetched.
    private boolean hasParents() {
        String commit = new String(fetched.commit().getRawBuffer(), StandardCharsets.ISO_8859_1);
        return commit.substring(0, Math.max(0, commit.indexOf("\n\n"))).contains("\nparent ");
    }

    private static void text(TreeWriter tree, String name, String text) throws IOException {
        tree.file(GIT.resolve(name), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String config() {
        return """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = false
                \tlogallrefupdates = true
                [remote "origin"]
                \turl = %s
                \tfetch = +refs/heads/*:refs/remotes/origin/*
                """.formatted(quoted(remote.address().toString()));
    }

    private static String quoted(String value) {
        boolean plain = value.matches("[^\\s;#\"\\\\]+");
        return plain ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// The branch or tag that led to the commit. A tag is an object too.
    private String refs(RevWalk walk, Map<ObjectId, RevObject> objects) throws IOException {
        RevObject object = walk.parseAny(fetched.object());
        objects.put(object.getId(), object);
        String peeled = "";
        while (object instanceof RevTag tag) {
            object = walk.parseAny(tag.getObject());
            objects.put(object.getId(), object);
            peeled = "^" + fetched.commit().name() + "\n";
        }
        String name = fetched.name();
        return name == null
                ? ""
                : "# pack-refs with: peeled fully-peeled sorted \n"
                        + fetched.object().name() + " " + name + "\n" + peeled;
    }

    /// The index, without what a file system says of the files: git looks at them once, and knows them then.
    private void index(TreeWriter tree, RevWalk walk, Map<ObjectId, RevObject> objects) throws IOException {
        Path file = work.resolve("index");
        DirCache cache = DirCache.lock(file.toFile(), FS.DETECTED);
        DirCacheBuilder entries = cache.builder();
        add(walk, objects, fetched.commit().getTree());
        try (TreeWalk files = new TreeWalk(remote.repository())) {
            files.addTree(fetched.commit().getTree());
            while (files.next()) {
                if (!files.getFileMode(0).equals(FileMode.GITLINK)) {
                    add(walk, objects, files.getObjectId(0));
                }
                if (files.isSubtree()) {
                    files.enterSubtree();
                    continue;
                }
                DirCacheEntry entry = new DirCacheEntry(files.getRawPath());
                entry.setFileMode(files.getFileMode(0));
                entry.setObjectId(files.getObjectId(0));
                entries.add(entry);
            }
        }
        entries.finish();
        cache.write();
        cache.commit();
        copy(tree, file, "index");
    }

    private static void add(RevWalk walk, Map<ObjectId, RevObject> objects, ObjectId id) throws IOException {
        if (!objects.containsKey(id)) {
            objects.put(id.copy(), walk.parseAny(id));
        }
    }

    private void pack(TreeWriter tree, Map<ObjectId, RevObject> objects) throws IOException {
        PackConfig config = new PackConfig();
        config.setThreads(1);
        config.setDeltaCompress(false);
        config.setReuseDeltas(false);
        config.setReuseObjects(false);
        config.setBuildBitmaps(false);
        Path pack = work.resolve("pack");
        Path index = work.resolve("idx");
        try (PackWriter writer = new PackWriter(config, remote.repository().newObjectReader())) {
            writer.preparePack(objects.values().iterator());
            try (OutputStream out = Files.newOutputStream(pack)) {
                writer.writePack(NullProgressMonitor.INSTANCE, NullProgressMonitor.INSTANCE, out);
            }
            try (OutputStream out = Files.newOutputStream(index)) {
                writer.writeIndex(out);
            }
            String name = "objects/pack/pack-" + writer.computeName().name();
            copy(tree, pack, name + ".pack");
            copy(tree, index, name + ".idx");
        }
    }

    private static void copy(TreeWriter tree, Path file, String name) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            tree.file(GIT.resolve(name), in);
        }
        Files.delete(file);
    }
}
