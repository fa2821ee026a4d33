package build.kiln.builder.cache;

import build.kiln.builder.cache.file.Lookup;
import build.kiln.builder.cache.lock.Holder;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.cache.lock.Lease;
import build.kiln.builder.cache.lock.Locks;
import build.kiln.builder.cache.pin.Gate;
import build.kiln.builder.cache.pin.Pins;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cache volume of one scope.
///
/// ```
/// steps/<key>.json            what is known of a finished step
/// failed/<key>.json           how a step failed that others wait for
/// layers/sha256/<diffID>/fs   a layer's changes as an overlay directory
/// layers/sha256/<diffID>/index  the layer's table of contents
/// blobs/sha256/<digest>       compressed layers
/// contents                    the digests of files that builds have read
/// urls/<digest>.json          what a URL had when it was fetched last
/// mounts/<id>/                what RUN --mount=type=cache keeps
/// locks/<key>/                who is at work on what
/// last/<stage>                what the last build of a stage was made from, to tell why a step is a miss
/// pins/<id>                   what a live process uses, which must not be collected
/// tmp/                        where all of these are made before a rename shows them
/// ```
///
/// Every entry is made aside and shown by one rename, so that nobody sees half of one. Any number of processes may work
/// on one volume: who comes second finds the entry there and drops his own. Entries that cannot be read are misses.
/// What a record names is on the disk before the record is, so that a loss of power leaves no record of a broken layer.
public final class Cache implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

    private static final List<String> ROOMS =
            List.of("steps", "layers/sha256", "blobs/sha256", "failed", "urls", "mounts", "last", "pins", "tmp");

    private final Path root;
    private final Maker maker;
    private final @Nullable Cache below;
    private final Locks locks;
    private final Set<Digest> made = ConcurrentHashMap.newKeySet();
    private final VolumeUse use;
    private final CountedBytes counted;
    private final Records records;
    private final Damaged damaged;

    private Cache(Path root, Maker maker, @Nullable Cache below) {
        this.root = root;
        this.maker = maker;
        this.below = below;
        this.use = new VolumeUse(root);
        this.counted = new CountedBytes(root);
        this.records = new Records(root, use);
        this.damaged = new Damaged(root);
        this.locks = new Locks(root.resolve("locks"), root.resolve("tmp"), Holder.here(maker.name()), Lease.DEFAULT);
    }

    /// Opens the volume at this directory and makes what it lacks.
    ///
    /// @param maker who works on it from here
    /// @throws PlatformFailure `DiskFull` if the directory cannot be written at all
    public static Cache open(Path root, Maker maker) {
        return open(root, maker, null);
    }

    /// Opens another volume that writes at this directory, and reads what it does not have from this one.
    public Cache above(Path scratch) {
        return open(scratch, maker, this);
    }

    private static Cache open(Path root, Maker maker, @Nullable Cache below) {
        try {
            boolean isNew = Files.notExists(root.resolve("steps"));
            for (String room : ROOMS) {
                Files.createDirectories(root.resolve(room));
            }
            Cache cache = new Cache(root.toRealPath(), maker, below);
            if (isNew) {
                cache.counted.begin();
            }
            return cache;
        } catch (IOException e) {
            throw notWritable(root, e);
        }
    }

    public Maker maker() {
        return maker;
    }

    /// The locks of all who work on this volume.
    public Locks locks() {
        return locks;
    }

    /// Where all entries are made; on the volume's own file system, so that a rename can show them.
    public Path workspace() {
        return root.resolve("tmp");
    }

    /// A new, empty directory in the workspace.
    public Path newDirectory(String purpose) {
        try {
            return Files.createTempDirectory(workspace(), use.owner() + purpose + "-");
        } catch (IOException e) {
            throw notWritable(root, e);
        }
    }

    /// The root of the volume.
    public Path root() {
        return root;
    }

    /// What this process uses of the volume; empty if that cannot be said on it.
    public Optional<Pins> pins() {
        return use.pins();
    }

    /// Says that so many bytes were added to the volume.
    public void wrote(long bytes) {
        counted.add(bytes);
        use.pins().ifPresent(mine -> mine.wrote(bytes));
    }

    /// What the volume takes.
    public CountedBytes counted() {
        return counted;
    }

    /// What is known of the step; empty if nothing is.
    public Optional<StepRecord> find(CacheKey key) {
        return records.find(key).or(() -> below == null ? Optional.empty() : below.find(key));
    }

    /// Makes the record visible to everybody. A volume that refuses costs a later build its hit and nothing else.
    public void record(CacheKey key, StepRecord record) {
        wrote(record.contentBytes());
        records.write(key, record);
    }

    /// Makes the record visible, unless the lock that the step ran under has been taken away meanwhile.
    ///
    /// @return false if it has; nothing has changed then
    public boolean record(CacheKey key, StepRecord record, Holding lock) {
        wrote(record.contentBytes());
        return records.publish(key, record, lock);
    }

    /// How the step failed the last time; empty if nobody knows.
    public Optional<FailedStep> failure(CacheKey key) {
        return records.failure(key);
    }

    /// Tells those who wait for the step that it has failed, unless the lock that it ran under has been taken away.
    public void recordFailure(CacheKey key, FailedStep failed, Holding lock) {
        records.publish(key, failed, lock);
    }

    /// What a URL had when it was fetched last; empty if nobody knows.
    public Optional<SeenFile> seenFile(String url) {
        return records.seenFile(url);
    }

    /// Remembers what a URL has, for the next build that asks for it.
    public void keep(String url, SeenFile file) {
        records.write(url, file);
    }

    /// What is known of the contents of files; closing it keeps what was learnt.
    public KnownContents knownContents() {
        return new KnownContents(root.resolve("contents"), workspace());
    }

    /// Whether the layer that a record speaks of is here in any form. Looking is no use of it.
    public boolean hasLayerOf(StepRecord record) {
        return Lookup.exists(layerHome(record.diffId()).resolve("fs"))
                || record.blobs().values().stream().anyMatch(blob -> Lookup.exists(blobFile(blob.digest())));
    }

    /// The layer's directory in overlay form, if it is here.
    public Optional<Path> layer(DiffId diffId) {
        return existing(use.pinned(layerHome(diffId)).resolve("fs"))
                .or(() -> below == null ? Optional.empty() : below.layer(diffId));
    }

    /// Lets the disk begin with what was written to the workspace, and does not wait for it.
    ///
    /// @param made a directory or file there
    public void startWriting(Path made) {
        // Not a virtual thread: it would keep its carrier for as long as the disk takes.
        Thread.ofPlatform().daemon().name("write-back").start(() -> {
            try (OpenFile file = OpenFile.read(NativePath.of(made))) {
                file.syncFileSystem();
            } catch (IOException e) {
                LOG.debug("{} is written to the disk later: {}", made, e.toString());
            }
        });
    }

    /// Moves a finished layer directory into the cache, when all of it is on the disk, and gives its new place.
    ///
    /// The whole file system is synced, which is one call: file by file, a thousand files take fifty times as long.
    ///
    /// @param made a directory in the workspace, complete
    public Path publishLayer(DiffId diffId, Path made) {
        try (OpenFile file = OpenFile.read(NativePath.of(made))) {
            file.syncFileSystem();
            letMove(made);
        } catch (IOException e) {
            throw notWritable(root, e);
        }
        return publish(made, use.pinned(layerHome(diffId)).resolve("fs"));
    }

    /// Who may not write to a directory may not move it: the root of an image may be read-only, and not everybody has
    /// the capabilities of root.
    private static void letMove(Path directory) throws IOException {
        if (!Files.isWritable(directory)) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(directory));
            permissions.add(PosixFilePermission.OWNER_WRITE);
            Files.setPosixFilePermissions(directory, permissions);
        }
    }

    /// The layer's table of contents, if it is here.
    public Optional<Path> index(DiffId diffId) {
        return existing(use.pinned(layerHome(diffId)).resolve("index"))
                .or(() -> below == null ? Optional.empty() : below.index(diffId));
    }

    /// Moves a finished table of contents into the cache. It need not be on the disk: it has a checksum, and is made
    /// again if that is wrong.
    public Path publishIndex(DiffId diffId, Path made) {
        return publish(made, use.pinned(layerHome(diffId)).resolve("index"));
    }

    /// Forgets a table of contents that cannot be read, so that it can be made again.
    public void forgetIndex(DiffId diffId) {
        damaged.forget(layerHome(diffId).resolve("index"));
        if (below != null) {
            below.forgetIndex(diffId);
        }
    }

    /// Forgets a layer's directory that does not hold what it should.
    public void forgetLayer(DiffId diffId) {
        damaged.forget(layerHome(diffId));
        if (below != null) {
            below.forgetLayer(diffId);
        }
    }

    /// Forgets a blob if it is not what its name says, so that it can be made again.
    public void forgetBlob(Digest digest) {
        damaged.forgetBlob(blobFile(digest), digest);
        if (below != null) {
            below.forgetBlob(digest);
        }
    }

    /// Whether this process has made the blob itself: then it need not be read again to know that it is right.
    public boolean hasMade(Digest digest) {
        return made.contains(digest);
    }

    /// The compressed layer, if it is here with the size that it has to have.
    public Optional<Path> blob(Descriptor blob) {
        Path file = use.pinned(blobFile(blob.digest()));
        try {
            if (Lookup.read(file, () -> Files.size(file)) == blob.sizeBytes()) {
                return Optional.of(file);
            }
            damaged.forgetBlob(file, blob.digest());
        } catch (IOException e) {
            LOG.trace("{} is not here: {}", file, e.toString());
        }
        return below == null ? Optional.empty() : below.blob(blob);
    }

    /// Moves a finished blob into the cache, when it is on the disk, and gives its new place.
    public Path publishBlob(Digest digest, Path aside) {
        try (OpenFile file = OpenFile.read(NativePath.of(aside))) {
            file.sync();
            wrote(Files.size(aside));
        } catch (IOException e) {
            throw notWritable(root, e);
        }
        made.add(digest);
        return publish(aside, use.pinned(blobFile(digest)));
    }

    /// The home of what cache mounts of this id share; what is shared lies in its directory `fs`.
    ///
    /// @param id any text
    public Path mount(String id) {
        Path home = root.resolve("mounts")
                .resolve(Digest.of(id.getBytes(StandardCharsets.UTF_8)).hex());
        try {
            Files.createDirectories(home);
            use.touch(home);
            return use.pinned(home);
        } catch (IOException e) {
            throw notWritable(root, e);
        }
    }

    /// Moves a directory that is ready to be used into the home of a cache mount.
    public Path publishMount(String id, Path made) {
        return publish(made, mount(id).resolve("fs"));
    }

    /// Throws away what a cache mount holds; nobody else may use it.
    ///
    /// @param folder its directory `fs`
    public void discardMount(Path folder) {
        try {
            Leftovers.delete(hideMount(folder));
        } catch (IOException | PlatformFailure e) {
            LOG.warn("The cache mount {} could not be thrown away: {}", folder, e.getMessage());
        }
    }

    /// As [#discardMount], if no other build uses it.
    public void discardUnsharedMount(Path folder) {
        Path hidden;
        try (Gate gate = Gate.passAlone(root.resolve("pins"))) {
            if (!use.isAlone(Objects.requireNonNull(folder.getParent()))) {
                return;
            }
            hidden = hideMount(folder);
        } catch (IOException | PlatformFailure e) {
            LOG.warn("The cache mount {} could not be thrown away: {}", folder, e.getMessage());
            return;
        }
        Leftovers.delete(hidden);
    }

    private Path hideMount(Path folder) throws IOException {
        Path away = newDirectory("discarded");
        Files.move(folder, away.resolve("fs"), StandardCopyOption.ATOMIC_MOVE);
        return away;
    }

    /// Where it is kept what the last build of this stage was made from.
    public Path lastBuild(Digest stage) {
        return root.resolve("last").resolve(stage.hex());
    }

    private Path publish(Path made, Path place) {
        try {
            Files.createDirectories(place.getParent());
            Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw notWritable(root, e);
        } catch (FileSystemException e) {
            // Somebody else has published the same entry; by its name it has the same content.
            if (!Files.exists(place)) {
                throw notWritable(root, e);
            }
            Leftovers.delete(made);
        } catch (IOException e) {
            throw notWritable(root, e);
        }
        return place;
    }

    /// Gives back what this process used.
    @Override
    public void close() {
        use.close();
        if (below != null) {
            below.close();
        }
    }

    private static Optional<Path> existing(Path path) {
        return Lookup.exists(path) ? Optional.of(path) : Optional.empty();
    }

    private Path layerHome(DiffId diffId) {
        return root.resolve("layers")
                .resolve(diffId.digest().algorithm())
                .resolve(diffId.digest().hex());
    }

    private Path blobFile(Digest digest) {
        return root.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    private static PlatformFailure notWritable(Path root, IOException e) {
        return new PlatformFailure(
                Reason.DiskFull,
                root.toString(),
                "the cache volume cannot be written: " + e + ".",
                "Give it room or permission, or name another directory with --cache-dir.",
                e);
    }
}
