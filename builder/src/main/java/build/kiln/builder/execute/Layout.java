package build.kiln.builder.execute;

import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Bytes;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.linux.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// What a COPY, an ADD or a WORKDIR changes, collected path by path before any of it is written.
///
/// It answers what is at a path *after* the changes so far, and adds to each change the directories above it, as an
/// overlay's upper directory would have them.
final class Layout {

    private static final int MAX_LINKS = 40;

    /// A path's new content.
    private sealed interface Change {
        record Plain(LayerEntry.Plain entry) implements Change {}

        record File(Attributes attributes, FileContent content) implements Change {}
    }

    private final Function<LayerPath, Optional<LayerEntry>> lower;
    private final Instant created;
    private final SortedMap<LayerPath, Change> changes = new TreeMap<>();

    /// What lies below at these very paths counts no more.
    private final Set<LayerPath> replaced = new HashSet<>();

    /// @param lower what lies at a path below this layer, links not followed
    /// @param created the time of directories that nobody copied
    Layout(Function<LayerPath, Optional<LayerEntry>> lower, Instant created) {
        this.lower = lower;
        this.created = created;
    }

    /// For a layer that does not depend on what lies below it.
    static Layout onNothing(Instant created) {
        return new Layout(path -> Optional.empty(), created);
    }

    /// What is at a path; a link is not followed.
    enum Kind {
        NOTHING,
        DIRECTORY,
        SYMLINK,
        OTHER
    }

    Kind kind(LayerPath path) {
        if (path.isRoot()) {
            return Kind.DIRECTORY;
        }
        return changes.get(path) instanceof Change.File
                ? Kind.OTHER
                : entry(path).map(Layout::kind).orElse(Kind.NOTHING);
    }

    /// What is at a path, unless that is a file of this layer.
    private Optional<LayerEntry> entry(LayerPath path) {
        return switch (changes.get(path)) {
            case Change.Plain(LayerEntry.Plain plain) -> Optional.of(plain);
            case Change.File _ -> Optional.empty();
            case null -> replaced.contains(path) ? Optional.empty() : lower.apply(path);
        };
    }

    /// The attributes of the directory at a path; empty if there is none.
    Optional<Attributes> directoryAttributes(LayerPath path) {
        return entry(path).map(one -> one instanceof LayerEntry.Directory there ? there.attributes() : null);
    }

    private static Kind kind(LayerEntry entry) {
        return switch (entry) {
            case LayerEntry.Directory _ -> Kind.DIRECTORY;
            case LayerEntry.Symlink _ -> Kind.SYMLINK;
            case LayerEntry.Whiteout _ -> Kind.NOTHING;
            case LayerEntry.File _,
                    LayerEntry.HardLink _,
                    LayerEntry.Device _,
                    LayerEntry.Fifo _,
                    LayerEntry.Opaque _ -> Kind.OTHER;
        };
    }

    /// The path with all links followed, as in a chroot. What does not exist stays as it is written.
    ///
    /// @param path absolute or relative to the root; `..` climbs no higher than the root
    /// @throws Conflict if links lead in a circle
    LayerPath follow(byte[] path) throws Conflict {
        Deque<byte[]> rest = new ArrayDeque<>(Parts.of(path));
        LayerPath at = LayerPath.ROOT;
        int links = 0;
        while (!rest.isEmpty()) {
            byte[] name = rest.removeFirst();
            if (Parts.isParent(name)) {
                at = at.parent();
                continue;
            }
            LayerPath next = at.resolve(name);
            Optional<byte[]> target = linkTarget(next);
            if (target.isEmpty()) {
                at = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new Conflict("the symbolic links at " + next + " lead in a circle");
            }
            if (Parts.isAbsolute(target.get())) {
                at = LayerPath.ROOT;
            }
            Parts.of(target.get()).reversed().forEach(rest::addFirst);
        }
        return at;
    }

    private Optional<byte[]> linkTarget(LayerPath path) {
        return entry(path)
                .map(one ->
                        one instanceof LayerEntry.Symlink link ? link.target().toArray() : null);
    }

    /// Makes the directory and all those above it that are missing, with this owner and mode; leaves alone what is
    /// there.
    ///
    /// @param path with its links followed
    /// @throws Conflict if something on the way is not a directory
    void makeDirectories(LayerPath path, Owner owner, int mode) throws Conflict {
        if (path.isRoot()) {
            return;
        }
        switch (kind(path)) {
            case DIRECTORY -> {}
            case NOTHING -> {
                makeDirectories(path.parent(), owner, mode);
                directory(path, new Attributes(mode, owner.uid(), owner.gid(), created));
            }
            case SYMLINK, OTHER -> throw new Conflict(path + " is there and is not a directory");
        }
    }

    /// Puts a directory with these attributes at the path, over one that may be there already.
    ///
    /// @throws Conflict if something else is there
    void directory(LayerPath path, Attributes attributes) throws Conflict {
        if (path.isRoot()) {
            return;
        }
        Kind kind = kind(path);
        if (kind == Kind.SYMLINK || kind == Kind.OTHER) {
            throw new Conflict(path + " is there and is not a directory");
        }
        changes.put(path, new Change.Plain(new LayerEntry.Directory(path, attributes)));
    }

    /// Makes way for a directory where something else may be, which it then replaces.
    ///
    /// @throws Conflict if this layer has replaced a directory there: the new one would show again what was in that
    void makeWayForDirectory(LayerPath path) throws Conflict {
        Kind kind = kind(path);
        if (kind != Kind.SYMLINK && kind != Kind.OTHER) {
            return;
        }
        if (lower.apply(path).orElse(null) instanceof LayerEntry.Directory) {
            throw new Conflict(path + " is a directory that this layer replaces, and cannot be one again");
        }
        changes.remove(path);
        replaced.add(path);
    }

    /// Makes way for anything but a directory where a directory may be, which it then replaces with all that is in it.
    void makeWay(LayerPath path) {
        if (path.isRoot() || kind(path) != Kind.DIRECTORY) {
            return;
        }
        changes.tailMap(path).keySet().removeIf(one -> one.equals(path) || one.isBelow(path));
        replaced.add(path);
    }

    /// Puts a file at the path, over a file or link that may be there already.
    ///
    /// @throws Conflict if a directory is there
    void file(LayerPath path, Attributes attributes, FileContent content) throws Conflict {
        refuseDirectory(path);
        changes.put(path, new Change.File(attributes, content));
    }

    /// Whether this layer has put a file there.
    boolean hasFile(LayerPath path) {
        return changes.get(path) instanceof Change.File;
    }

    /// Gives a file that this layer has one more name. Both keep their content if the other is replaced later.
    ///
    /// @param file where [#file] or this put it
    /// @throws Conflict if a directory is there, or no file of this layer at `file`
    void link(LayerPath path, LayerPath file) throws Conflict {
        if (!(changes.get(file) instanceof Change.File shared)) {
            throw new Conflict(file + ", of which " + path + " is to be another name, is not a file of this layer");
        }
        refuseDirectory(path);
        changes.put(path, shared);
    }

    /// The same for a symbolic link, a device or a fifo.
    void plain(LayerEntry.Plain entry) throws Conflict {
        refuseDirectory(entry.path());
        changes.put(entry.path(), new Change.Plain(entry));
    }

    private void refuseDirectory(LayerPath path) throws Conflict {
        if (kind(path) == Kind.DIRECTORY) {
            throw new Conflict(path + " is a directory and cannot be replaced by a file");
        }
    }

    /// Writes what differs from what lies below, each entry below its directories.
    void writeTo(EntrySink sink) throws IOException {
        Map<Change.File, LayerPath> written = new IdentityHashMap<>();
        for (Map.Entry<LayerPath, Change> change : differing().entrySet()) {
            LayerPath path = change.getKey();
            switch (change.getValue()) {
                case Change.Plain(LayerEntry.Plain entry) -> sink.add(entry);
                case Change.File file -> {
                    LayerPath first = written.putIfAbsent(file, path);
                    if (first == null) {
                        sink.addFile(path, file.attributes(), file.content());
                    } else {
                        sink.add(new LayerEntry.HardLink(path, file.attributes(), first));
                    }
                }
            }
        }
    }

    private SortedMap<LayerPath, Change> differing() throws IOException {
        SortedMap<LayerPath, Change> differing = new TreeMap<>();
        for (Map.Entry<LayerPath, Change> change : changes.entrySet()) {
            LayerPath path = change.getKey();
            if (!isBelow(path, change.getValue())) {
                differing.put(path, change.getValue());
                addDirectoriesAbove(path, differing);
            }
        }
        return differing;
    }

    private void addDirectoriesAbove(LayerPath path, SortedMap<LayerPath, Change> differing) {
        LayerPath above = path.parent();
        while (!above.isRoot() && !differing.containsKey(above)) {
            Change own = changes.get(above);
            differing.put(
                    above,
                    own == null ? new Change.Plain(new LayerEntry.Directory(above, attributesBelow(above))) : own);
            above = above.parent();
        }
    }

    /// Whether a change leaves everything as it is below: as with BuildKit, a directory's time does not count.
    private boolean isBelow(LayerPath path, Change change) throws IOException {
        LayerEntry below = lower.apply(path).orElse(null);
        return switch (change) {
            case Change.Plain(LayerEntry.Directory(var _, Attributes attributes)) ->
                below instanceof LayerEntry.Directory there
                        && attributes
                                .withMtime(created)
                                .equals(there.attributes().withMtime(created));
            case Change.Plain(LayerEntry.Symlink(var _, Attributes attributes, Bytes target)) ->
                below instanceof LayerEntry.Symlink there
                        && target.equals(there.target())
                        && clamped(attributes).equals(clamped(there.attributes()));
            case Change.Plain _ -> false;
            case Change.File(Attributes attributes, FileContent content) ->
                below instanceof LayerEntry.File there
                        && content.sizeBytes() == there.sizeBytes()
                        && clamped(attributes).equals(clamped(there.attributes()))
                        && sha256(content).equals(there.sha256());
        };
    }

    /// With the time that the layer gives it.
    private Attributes clamped(Attributes attributes) {
        return attributes.mtime().isAfter(created) ? attributes.withMtime(created) : attributes;
    }

    private static Bytes sha256(FileContent content) throws IOException {
        Bytes known = content.sha256();
        if (known != null) {
            return known;
        }
        MessageDigest hash = Sha256.newHash();
        try (InputStream in = content.open()) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        return Bytes.of(hash.digest());
    }

    private Attributes attributesBelow(LayerPath directory) {
        return lower.apply(directory)
                .map(entry -> entry instanceof LayerEntry.Directory there ? there.attributes() : null)
                .orElseGet(() -> new Attributes(0755, 0, 0, created));
    }

    static LayerEntry.Symlink symlink(LayerPath path, Attributes attributes, byte[] target) {
        return new LayerEntry.Symlink(path, attributes, Bytes.of(target));
    }
}
