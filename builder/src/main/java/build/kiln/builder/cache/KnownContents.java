package build.kiln.builder.cache;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.source.ContentDigest;
import build.kiln.builder.source.FileDigests;
import build.kiln.builder.source.FileIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The digests of files that builds have read, so that what has not changed is not read again.
///
/// One file of the cache volume, sorted, with a checksum over all of it at its end. A file that is not whole knows
/// nothing.
/// Of two builds that end at the same time one is remembered: that costs the next build some reading and nothing else.
public final class KnownContents implements FileDigests.Store, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KnownContents.class);

    private static final byte[] HEADER = "kiln contents 2\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int IDENTITY_BYTES = 5 * Long.BYTES;
    private static final int INODE_AT = Long.BYTES;
    private static final int RECORD_BYTES = IDENTITY_BYTES + ContentDigest.BYTES;

    /// 14 MB: what a build has not used goes first.
    private static final int MOST_RECORDS = 200_000;

    private static final int MOST_BYTES = HEADER.length + MOST_RECORDS * RECORD_BYTES + CHECKSUM_BYTES;

    private record Inode(long device, long number) {}

    private final Path file;
    private final Path workspace;
    private final int mostRecords;
    private final ByteBuffer records;
    private final boolean[] used;

    /// Where the next file is looked for first: files are asked for in the order in which they were made, more often
    /// than not. A guess, which threads may spoil for one another.
    private int expected;

    private final Map<FileIdentity, ContentDigest> fresh = new ConcurrentHashMap<>();

    /// @param workspace on the file system of `file`
    KnownContents(Path file, Path workspace) {
        this(file, workspace, MOST_RECORDS);
    }

    KnownContents(Path file, Path workspace, int mostRecords) {
        this.file = file;
        this.workspace = workspace;
        this.mostRecords = mostRecords;
        this.records = load(file);
        this.used = new boolean[records.limit() / RECORD_BYTES];
    }

    private static ByteBuffer load(Path file) {
        try {
            byte[] all = BoundedFile.read(file, MOST_BYTES);
            int end = all.length - CHECKSUM_BYTES;
            int length = end - HEADER.length;
            boolean whole = length >= 0
                    && length % RECORD_BYTES == 0
                    && Arrays.equals(all, 0, HEADER.length, HEADER, 0, HEADER.length)
                    && checksum(all, end) == ByteBuffer.wrap(all).getInt(end);
            if (whole) {
                return ByteBuffer.wrap(all, HEADER.length, length).slice();
            }
            LOG.warn("{} is damaged; the files of the build context are read again.", file);
        } catch (NoSuchFileException e) {
            // The first build.
        } catch (IOException e) {
            LOG.warn("{} cannot be read, so the files of the build context are: {}", file, e.toString());
        }
        return ByteBuffer.allocate(0);
    }

    /// Finds damage; who may write on the volume is trusted.
    private static int checksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return (int) checksum.getValue();
    }

    @Override
    public Optional<ContentDigest> find(FileIdentity wanted) {
        int next = expected;
        if (next < used.length && compare(next, wanted) == 0) {
            return found(next);
        }
        int low = 0;
        int high = used.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(middle, wanted);
            if (order == 0) {
                return found(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    private Optional<ContentDigest> found(int index) {
        used[index] = true;
        expected = index + 1;
        return Optional.of(digest(index));
    }

    private int compare(int index, FileIdentity wanted) {
        int byInode = Long.compare(records.getLong(index * RECORD_BYTES + INODE_AT), wanted.inode());
        return byInode != 0 ? byInode : compare(identity(index), wanted);
    }

    /// By inode first: by that alone nearly every file is found.
    private static int compare(FileIdentity one, FileIdentity other) {
        int byInode = Long.compare(one.inode(), other.inode());
        int byDevice = byInode != 0 ? byInode : Long.compare(one.device(), other.device());
        int bySize = byDevice != 0 ? byDevice : Long.compare(one.sizeBytes(), other.sizeBytes());
        int byChange = bySize != 0 ? bySize : Long.compare(one.modifiedNanos(), other.modifiedNanos());
        return byChange != 0 ? byChange : Long.compare(one.changedNanos(), other.changedNanos());
    }

    private FileIdentity identity(int index) {
        int at = index * RECORD_BYTES;
        return new FileIdentity(
                records.getLong(at),
                records.getLong(at + Long.BYTES),
                records.getLong(at + 2 * Long.BYTES),
                records.getLong(at + 3 * Long.BYTES),
                records.getLong(at + 4 * Long.BYTES));
    }

    private ContentDigest digest(int index) {
        byte[] hash = new byte[ContentDigest.BYTES];
        records.get(index * RECORD_BYTES + IDENTITY_BYTES, hash);
        return new ContentDigest(hash);
    }

    @Override
    public void remember(FileIdentity file, ContentDigest content) {
        fresh.put(file, content);
    }

    /// Writes what is new. A volume that refuses costs the next build some reading.
    @Override
    public void close() {
        if (fresh.isEmpty()) {
            return;
        }
        try {
            Path aside = Files.createTempFile(workspace, "contents-", "");
            try (FileChannel out = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(bytes(kept()));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(false);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("The digests of the files that were read could not be kept: {}", e.toString());
        }
    }

    /// What is new, then what was used, then the rest; nothing of which there is a newer version.
    private Map<FileIdentity, ContentDigest> kept() {
        Map<FileIdentity, ContentDigest> kept = new TreeMap<>(KnownContents::compare);
        Set<Inode> renewed = new HashSet<>();
        fresh.forEach((file, digest) -> {
            if (kept.size() < mostRecords) {
                kept.put(file, digest);
                renewed.add(new Inode(file.device(), file.inode()));
            }
        });
        for (boolean wanted : List.of(true, false)) {
            for (int i = 0; i < used.length && kept.size() < mostRecords; i++) {
                FileIdentity known = identity(i);
                if (used[i] == wanted && !renewed.contains(new Inode(known.device(), known.inode()))) {
                    kept.put(known, digest(i));
                }
            }
        }
        return kept;
    }

    private static byte[] bytes(Map<FileIdentity, ContentDigest> kept) {
        ByteBuffer out = ByteBuffer.allocate(HEADER.length + kept.size() * RECORD_BYTES + CHECKSUM_BYTES);
        out.put(HEADER);
        kept.forEach((file, digest) -> out.putLong(file.device())
                .putLong(file.inode())
                .putLong(file.sizeBytes())
                .putLong(file.modifiedNanos())
                .putLong(file.changedNanos())
                .put(digest.bytes()));
        return out.putInt(checksum(out.array(), out.position())).array();
    }
}
