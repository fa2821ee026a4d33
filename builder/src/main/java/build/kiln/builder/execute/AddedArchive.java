package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.source.ContextFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.MemoryLimitException;

/// A tar, packed or not, that an ADD unpacks instead of copying it.
///
/// An entry takes the place of what is there, also of another kind, as tar itself would have it. Files keep the owners
/// that they have in the archive unless the ADD names one. Their content is held aside until the
/// layer is written; [#close] lets go of it.
final class AddedArchive implements EntrySink, AutoCloseable {

    private static final int MAX_IN_MEMORY = 64 * 1024;

    /// Of one archive: a builder pod has little memory, and archives have any number of small files.
    private static final long MAX_ALL_IN_MEMORY = 16L << 20;

    private final Layout layout;
    private final LayerPath destination;
    private final Optional<Owner> owner;
    private final Optional<Chmod> chmod;
    private final Path aside;
    private int files;
    private long inMemory;

    AddedArchive(Layout layout, LayerPath destination, Optional<Owner> owner, Optional<Chmod> chmod, Cache cache) {
        this.layout = layout;
        this.destination = destination;
        this.owner = owner;
        this.chmod = chmod;
        this.aside = cache.newDirectory("add");
    }

    /// Whether a file is an archive: by its content, whatever it is called.
    static boolean isOne(ContextFile file) throws IOException {
        try (InputStream content = unpacked(file)) {
            return PackedFiles.isTar(content);
        } catch (MemoryLimitException e) {
            throw new Conflict("the archive \"" + file.location().getFileName() + "\" takes " + e.getMemoryNeededInKb()
                    + " KiB of memory to unpack, and " + PackedFiles.XZ_MEMORY_KIB + " KiB are allowed");
        } catch (IOException e) {
            // What looks packed and cannot be unpacked is copied as it is, as BuildKit does.
            return false;
        }
    }

    /// Puts everything that the archive holds into the layout.
    ///
    /// @throws Conflict if the archive is broken, or something cannot be put where it has to go
    void unpack(ContextFile file) throws IOException {
        layout.makeDirectories(destination, owner.orElse(Owner.ROOT), 0755);
        try (InputStream tar = unpacked(file)) {
            LayerReader.read(tar, this);
        } catch (InvalidLayer e) {
            String fact = String.valueOf(e.getMessage())
                    .replaceFirst("^The layer", "it")
                    .replaceFirst("^it's", "its");
            throw new Conflict(
                    "the archive \"" + file.location().getFileName() + "\" is broken: " + fact.replaceFirst("\\.$", ""),
                    "Pack it again, or add it as it is with ADD --unpack=false.");
        }
    }

    private static InputStream unpacked(ContextFile file) throws IOException {
        return PackedFiles.open(file.open());
    }

    @Override
    public void add(LayerEntry.Plain entry) throws IOException {
        if (entry.path().isRoot()) {
            return;
        }
        LayerPath path = place(entry.path());
        if (entry instanceof LayerEntry.Directory) {
            layout.makeWayForDirectory(path);
        } else {
            layout.makeWay(path);
        }
        switch (entry) {
            case LayerEntry.Directory e -> layout.directory(path, changed(e.attributes(), Chmod.Kind.DIRECTORY));
            case LayerEntry.Symlink e -> layout.plain(new LayerEntry.Symlink(path, owned(e.attributes()), e.target()));
            case LayerEntry.HardLink e -> hardLink(path, e);
            case LayerEntry.Device e ->
                layout.plain(
                        new LayerEntry.Device(path, changed(e.attributes(), Chmod.Kind.FILE), e.kind(), e.number()));
            case LayerEntry.Fifo e -> layout.plain(new LayerEntry.Fifo(path, changed(e.attributes(), Chmod.Kind.FILE)));
            case LayerEntry.Whiteout _ -> throw reserved(path);
            case LayerEntry.Opaque _ -> throw reserved(path);
        }
    }

    private void hardLink(LayerPath path, LayerEntry.HardLink link) throws IOException {
        LayerPath target = place(link.target());
        if (layout.hasFile(target)) {
            layout.link(path, target);
        } else {
            layout.plain(new LayerEntry.HardLink(path, owned(link.attributes()), target));
        }
    }

    private static Conflict reserved(LayerPath path) {
        return new Conflict(
                "the archive has a name that begins with \".wh.\" at " + path + ", which no image layer can hold");
    }

    @Override
    public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
        LayerPath place = place(path);
        layout.makeWay(place);
        layout.file(place, changed(attributes, Chmod.Kind.FILE), kept(content));
    }

    private FileContent kept(FileContent content) throws IOException {
        try (InputStream in = content.open()) {
            if (content.sizeBytes() <= MAX_IN_MEMORY && inMemory + content.sizeBytes() <= MAX_ALL_IN_MEMORY) {
                inMemory += content.sizeBytes();
                return FileContent.of(in.readNBytes((int) content.sizeBytes()));
            }
            Path file = aside.resolve(Integer.toString(files++));
            Files.copy(in, file);
            return FileContent.of(file, content.sizeBytes());
        }
    }

    /// Where an entry goes: links on the way are followed as in the image, and parents that are missing are made.
    private LayerPath place(LayerPath path) throws IOException {
        LayerPath whole = destination.resolve(path.toBytes());
        LayerPath parent = layout.follow(whole.parent().toBytes());
        layout.makeDirectories(parent, owner.orElse(Owner.ROOT), 0755);
        return parent.resolve(whole.name());
    }

    private Attributes owned(Attributes attributes) {
        return owner.map(one -> attributes.withOwner(one.uid(), one.gid())).orElse(attributes);
    }

    private Attributes changed(Attributes attributes, Chmod.Kind kind) {
        Attributes its = owned(attributes);
        return chmod.map(mode -> its.withMode(mode.apply(its.mode(), kind))).orElse(its);
    }

    @Override
    public void close() {
        Leftovers.delete(aside);
    }
}
