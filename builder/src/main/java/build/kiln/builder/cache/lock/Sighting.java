package build.kiln.builder.cache.lock;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;

/// What a waiter sees of a lock that somebody else has.
///
/// @param folder the holding, `locks/<key>/<token>`
/// @param beat the count at this moment
record Sighting(Path folder, Holder holder, String beat) {

    /// Of a name and a count.
    private static final int MOST_BYTES = 64 << 10;

    private static final Holder UNREADABLE = new Holder("somebody unknown", "");

    /// Empty if nobody has the lock.
    static Optional<Sighting> of(Path key) throws IOException {
        Path folder;
        try (DirectoryStream<Path> holdings = Files.newDirectoryStream(key)) {
            Iterator<Path> all = holdings.iterator();
            if (!all.hasNext()) {
                return Optional.empty();
            }
            folder = all.next();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Holder holder = holder(folder);
        String beat = new String(read(folder.resolve(Claim.BEAT)), StandardCharsets.UTF_8);
        return Files.exists(folder) ? Optional.of(new Sighting(folder, holder, beat)) : Optional.empty();
    }

    private static Holder holder(Path folder) throws IOException {
        try {
            return Holder.parse(read(folder.resolve(Claim.HOLDER)));
        } catch (IllegalArgumentException e) {
            return UNREADABLE;
        }
    }

    /// Nothing if the file is not there: of a holding that nobody keeps up, what is seen never changes.
    private static byte[] read(Path file) throws IOException {
        try {
            return BoundedFile.read(file, MOST_BYTES);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    /// Whether the kernel that it shares with `me` says that the holder's process is gone.
    ///
    /// Of a process on another kernel this one knows nothing: a lock that seems free may be one that is never
    /// passed on.
    boolean isOfDeadProcess(Holder me) {
        if (!holder.isOnTheSameKernelAs(me)) {
            return false;
        }
        try (OpenFile file = OpenFile.read(NativePath.of(folder.resolve(Claim.ALIVE)))) {
            return file.tryLock(Lock.SHARED);
        } catch (SystemCallFailure e) {
            // Gone, not ours to read, or without a kernel lock: then only the count tells.
            return false;
        }
    }
}
