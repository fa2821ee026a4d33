package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Bytes;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.ContextDigest;
import build.kiln.builder.source.ContextFile;
import build.kiln.builder.source.Selected;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Places what a COPY or ADD has selected into a [Layout], by the rules of `COPY`:
/// of a directory its content is copied; a file goes into the destination if that is a directory or ends with a slash,
/// and becomes the destination otherwise.
final class CopyLayout {

    private final Layout layout;
    private final byte[] destination;
    private final Optional<Owner> owner;
    private final Optional<Chmod> chmod;
    private final Existing existing;
    private final ContextDigest digests;

    /// Where the files with several names went that the current walk has met.
    private final Map<Inode, LayerPath> inodes = new HashMap<>();

    private record Inode(long device, long number) {}

    /// What becomes of a directory that is there already where one is copied to.
    enum Existing {
        /// It gets all attributes of the one that is copied.
        REPLACED,
        /// It gets the mode, and keeps its owner and time: with `--parents`, where directories are only the way.
        TAKES_MODE
    }

    /// @param destination absolute; a slash at the end means a directory
    /// @param owner of all that is copied; empty to keep the owners of a stage's files, and root for a context's
    CopyLayout(
            Layout layout,
            byte[] destination,
            Optional<Owner> owner,
            Optional<Chmod> chmod,
            Existing existing,
            ContextDigest digests) {
        this.layout = layout;
        this.destination = destination.clone();
        this.owner = owner;
        this.chmod = chmod;
        this.existing = existing;
        this.digests = digests;
    }

    /// Copies one selected file or directory.
    void copy(BuildContext context, Selected source) throws IOException {
        LayerPath target = prepare();
        inodes.clear();
        if (source.isDirectory()) {
            layout.makeDirectories(target, forNew(), newMode());
            context.walk(source, file -> {
                if (file.pathBytes().length > 0) {
                    place(context, target.resolve(file.pathBytes()), file);
                }
            });
        } else {
            LayerPath place =
                    layout.kind(target) == Layout.Kind.DIRECTORY ? target.resolve(source.nameBytes()) : target;
            place(context, place, source.file());
        }
    }

    /// Unpacks an archive into the destination, which is a directory then.
    ///
    /// @return what the layout still reads from; the caller closes it when the layer is written
    AddedArchive unpack(ContextFile archive, Cache cache) throws IOException {
        AddedArchive unpacking = new AddedArchive(layout, layout.follow(destination), owner, chmod, cache);
        unpacking.unpack(archive);
        return unpacking;
    }

    /// Writes a file whose content is known here: a heredoc, a download.
    void write(String name, Attributes attributes, byte[] content) throws IOException {
        LayerPath target = prepare();
        LayerPath place = layout.kind(target) == Layout.Kind.DIRECTORY ? target.resolve(name) : target;
        Attributes owned = attributes.withOwner(forNew().uid(), forNew().gid());
        layout.file(place, changed(owned, Chmod.Kind.FILE), FileContent.of(content));
    }

    /// Makes the directories above the destination, or the destination itself if it has to be one.
    private LayerPath prepare() throws IOException {
        boolean isDirectory = destination.length > 0 && destination[destination.length - 1] == '/';
        LayerPath whole = layout.follow(destination);
        layout.makeDirectories(isDirectory ? whole : layout.follow(parent(destination)), forNew(), newMode());
        return whole;
    }

    private static byte[] parent(byte[] path) {
        int end = path.length;
        while (end > 0 && path[end - 1] != '/') {
            end--;
        }
        return Arrays.copyOf(path, end);
    }

    private Owner forNew() {
        return owner.orElse(Owner.ROOT);
    }

    /// Of directories that are made on the way: `--chmod` holds for them, too.
    private int newMode() {
        return chmod.map(mode -> mode.apply(0755, Chmod.Kind.DIRECTORY)).orElse(0755);
    }

    private void place(BuildContext context, LayerPath path, ContextFile file) throws IOException {
        Owner its = switch (context.owners()) {
            case IGNORED -> Owner.ROOT;
            case KEPT -> new Owner(file.uid(), file.gid());
        };
        Owner chosen = owner.orElse(its);
        Attributes attributes =
                new Attributes(file.mode(), chosen.uid(), chosen.gid(), file.modified(), extended(file));
        switch (file.kind()) {
            case DIRECTORY -> directory(path, attributes);
            case FILE -> file(path, changed(attributes, Chmod.Kind.FILE), file);
            case SYMLINK -> layout.plain(Layout.symlink(path, attributes, file.linkTargetBytes()));
            case FIFO -> layout.plain(new LayerEntry.Fifo(path, changed(attributes, Chmod.Kind.FILE)));
            case CHARACTER_DEVICE -> device(path, attributes, LayerEntry.DeviceKind.CHARACTER, file.rdev());
            case BLOCK_DEVICE -> device(path, attributes, LayerEntry.DeviceKind.BLOCK, file.rdev());
        }
    }

    private Map<String, Bytes> extended(ContextFile file) throws IOException {
        Map<String, Bytes> all = new TreeMap<>();
        digests.attributes(file).forEach((name, value) -> all.put(name, Bytes.of(value)));
        return all;
    }

    /// Names of one file stay names of one file within what one source copies.
    private void file(LayerPath path, Attributes attributes, ContextFile file) throws Conflict {
        if (file.names() > 1) {
            Inode inode = new Inode(file.identity().device(), file.identity().inode());
            LayerPath first = inodes.putIfAbsent(inode, path);
            if (first != null) {
                layout.link(path, first);
                return;
            }
        }
        layout.file(path, attributes, new Content(file, digests.known(file)));
    }

    private void directory(LayerPath path, Attributes attributes) throws Conflict {
        Optional<Attributes> there =
                existing == Existing.TAKES_MODE ? layout.directoryAttributes(path) : Optional.empty();
        layout.directory(
                path,
                there.map(its -> its.withMode(attributes.mode()))
                        .orElseGet(() -> changed(attributes, Chmod.Kind.DIRECTORY)));
    }

    private void device(LayerPath path, Attributes attributes, LayerEntry.DeviceKind kind, long rdev)
            throws IOException {
        layout.plain(new LayerEntry.Device(path, changed(attributes, Chmod.Kind.FILE), kind, deviceNumber(rdev)));
    }

    /// As `stat` encodes it.
    private static DeviceNumber deviceNumber(long rdev) {
        long major = rdev >>> 8 & 0xfff | rdev >>> 32 & ~0xfffL;
        long minor = rdev & 0xff | rdev >>> 12 & ~0xffL;
        return new DeviceNumber((int) major, (int) minor);
    }

    private Attributes changed(Attributes attributes, Chmod.Kind kind) {
        return chmod.map(mode -> attributes.withMode(mode.apply(attributes.mode(), kind)))
                .orElse(attributes);
    }

    /// @param digest of the bytes, if the cache key has asked for it
    private record Content(ContextFile file, @Nullable Digest digest) implements FileContent {

        @Override
        public @Nullable Bytes sha256() {
            return digest == null ? null : Bytes.of(HexFormat.of().parseHex(digest.hex()));
        }

        @Override
        public long sizeBytes() {
            return file.sizeBytes();
        }

        @Override
        public InputStream open() throws IOException {
            return file.open();
        }
    }
}
