package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.cache.VolumeTime;
import build.kiln.builder.cache.pin.LivePins;
import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Collects what the volume has too much of. Safe beside builds and other collections, in this process and in others.
public final class Collector {

    private static final int BATCH = 32;

    /// Of the ids that processes have in the names of what they make.
    private static final int ID_LENGTH = 36;

    /// What nobody has asked for in this time is taken for forgotten.
    private static final Duration SMALL_THINGS_KEPT = Duration.ofDays(90);
    private static final Duration ORPHAN_KEPT = Duration.ofDays(1);

    /// Longer than anybody waits for a step.
    private static final Duration FAILURE_KEPT = Duration.ofDays(1);

    private final Cache cache;
    private final Removal removal;

    public Collector(Cache cache) {
        this.cache = cache;
        this.removal = new Removal(cache);
    }

    /// What a collection did.
    ///
    /// @param removed without step records
    /// @param keptBytes that the volume has afterwards
    public record Collected(List<Entry> removed, long keptBytes) {

        public Collected {
            removed = List.copyOf(removed);
        }

        public long removedBytes() {
            return removed.stream().mapToLong(Entry::sizeBytes).sum();
        }
    }

    /// Chooses from all entries what has to go.
    public interface Choice {
        List<Entry> of(List<Entry> all, LivePins live) throws IOException;
    }

    /// What has to go so that the limits hold, with all that live builds have reserved.
    public Choice within(Limits limits) {
        return (all, live) -> {
            long used = all.stream().mapToLong(Entry::sizeBytes).sum();
            long over = used + live.reservedBytes() - limits.maxBytes();
            long lacking = limits.minFreeBytes() + live.reservedBytes() - freeBytes();
            return Victims.freeing(Math.max(over, lacking), all, live.entries());
        };
    }

    /// What live builds use now.
    public LivePins livePins() throws IOException {
        return removal.livePins();
    }

    /// What the choice would remove now.
    public List<Entry> wouldRemove(Choice choice) throws IOException {
        return choice.of(Inventory.of(cache).entries(), removal.livePins());
    }

    /// Removes what is chosen, then the records that have lost their layers and what dead processes have left.
    ///
    /// @param budget after which it stops, whatever is left
    public Collected collect(Choice choice, Duration budget) throws IOException {
        long end = System.nanoTime() + budget.toNanos();
        List<Path> unfinished = unfinished();
        // Read afterwards: a process is known before it makes anything.
        LivePins live = removal.livePins();
        removeLeftovers(unfinished, live);
        long known = cache.counted().known();
        Inventory inventory = Inventory.of(cache);
        List<Entry> chosen = choice.of(inventory.entries(), live);
        List<Entry> removed = new ArrayList<>();
        for (int at = 0; at < chosen.size() && System.nanoTime() < end; at += BATCH) {
            removed.addAll(removal.remove(chosen.subList(at, Math.min(at + BATCH, chosen.size()))));
        }
        removeUseless(inventory);
        long kept =
                inventory.bytes() - removed.stream().mapToLong(Entry::sizeBytes).sum();
        cache.counted().counted(known, kept);
        return new Collected(removed, kept);
    }

    /// What this process may still write on the volume's file system.
    public long freeBytes() throws IOException {
        return FileSystemStatus.of(NativePath.of(cache.root())).availableBytes();
    }

    /// Records whose layer is in no form here any more, explanations and URLs that nobody has asked for in a long time,
    /// and failures that nobody waits for any more.
    private void removeUseless(Inventory inventory) throws IOException {
        Instant now = VolumeTime.now(cache.workspace()).toInstant();
        FileTime oldest = FileTime.from(now.minus(SMALL_THINGS_KEPT));
        FileTime old = FileTime.from(now.minus(FAILURE_KEPT));
        for (Entry entry : inventory.entries()) {
            Path path = cache.root().resolve(entry.name());
            boolean useless = switch (entry.kind()) {
                case STEP -> isUseless(path);
                case LAST_BUILD, URL -> entry.lastUse().compareTo(oldest) < 0;
                case FAILURE -> entry.lastUse().compareTo(old) < 0;
                case LAYER, BLOB, MOUNT, CONTENTS -> false;
            };
            if (useless) {
                Leftovers.delete(path);
            }
        }
    }

    private boolean isUseless(Path record) {
        try {
            return !cache.hasLayerOf(StepRecord.read(record));
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException | IllegalArgumentException e) {
            return true;
        }
    }

    private List<Path> unfinished() throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(cache.workspace())) {
            files.forEach(all::add);
        }
        return all;
    }

    /// What processes that are gone were making: by their names, and where those are not known by its age.
    private void removeLeftovers(List<Path> unfinished, LivePins live) throws IOException {
        FileTime old =
                FileTime.from(VolumeTime.now(cache.workspace()).toInstant().minus(ORPHAN_KEPT));
        for (Path file : unfinished) {
            String name = file.getFileName().toString();
            boolean isNamed = name.indexOf('.') == ID_LENGTH;
            boolean isDead = isNamed
                    ? !live.processes().contains(name.substring(0, ID_LENGTH))
                    : !name.equals("snapshots") && isOlder(file, old);
            if (isDead) {
                removal.removeUnfinished(file);
            }
        }
    }

    private static boolean isOlder(Path file, FileTime time) throws IOException {
        try {
            return Files.getLastModifiedTime(file).compareTo(time) < 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
