package build.kiln.builder.execute;

import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.linux.TreeSize;
import build.kiln.builder.sandbox.Bounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Ends a RUN that takes the room that has to stay free for others.
///
/// As long as that much is free, and as much as builds reserve, a RUN may write what it likes. When less is free, a RUN
/// that has written no more than what its build has reserved goes on: some other one is too large. For one that has
/// written
/// more, what nobody uses is taken away, up to half of what the cache may take. It is ended when what has to stay free
/// would not, and no more room is being made.
///
/// What a RUN holds open and has deleted takes room that cannot be found. So when half of what has to stay free is
/// gone,
/// every RUN is ended that has seen the room go.
final class RunRoom implements Bounds.Guard {

    private static final long PAUSE = Duration.ofMillis(200).toNanos();

    /// Of the time, at most a fifth is spent on measuring.
    private static final int SHARE = 5;

    private static final long MIB = 1 << 20;

    private final VolumeRoom room;
    private final Path workspace;
    private final List<Path> written;
    private final long freeAtStart;
    private long nextMeasuring = System.nanoTime();
    private long measured;
    private long free;
    private @Nullable FutureTask<Boolean> making;

    /// @param workspace on the file system that is watched
    /// @param written where the RUN writes
    RunRoom(VolumeRoom room, Path workspace, List<Path> written) {
        this.room = room;
        this.workspace = workspace;
        this.written = List.copyOf(written);
        this.freeAtStart = free(workspace);
        this.free = freeAtStart;
    }

    @Override
    public boolean isOverrun() {
        free = free(workspace);
        long toStay = room.limits().minFreeBytes();
        long reserved = room.limits().reservationBytes();
        if (free >= toStay + reserved || lost() <= reserved) {
            return false;
        }
        if (free < toStay / 2) {
            measure();
            return true;
        }
        return isLarge() && !isBeingMade() && free < toStay;
    }

    /// Whether the RUN itself, and no other, took the room that was found to be gone.
    boolean isToBlame() {
        free = free(workspace);
        measure();
        return measured > room.limits().reservationBytes();
    }

    /// What was seen when the RUN was ended, as the end of a sentence.
    String seen() {
        return "the volume of the cache has " + mib(free) + " left, where "
                + mib(room.limits().minFreeBytes())
                + " have to stay free, and had " + mib(freeAtStart) + " when the RUN began; what it has written takes "
                + mib(measured);
    }

    /// Whether a directory that the RUN wrote to is one that took the room.
    boolean isLarge(Path directory) {
        return size(directory) > room.limits().reservationBytes();
    }

    private long lost() {
        return freeAtStart - free;
    }

    private boolean isLarge() {
        if (System.nanoTime() - nextMeasuring >= 0) {
            long start = System.nanoTime();
            measure();
            nextMeasuring = System.nanoTime() + Math.max(PAUSE, SHARE * (System.nanoTime() - start));
        }
        return measured > room.limits().reservationBytes();
    }

    /// Files with holes, with several names, or that were there before, take no more than what is gone.
    private void measure() {
        measured = Math.min(lost(), written.stream().mapToLong(RunRoom::size).sum());
    }

    /// Whether there may be room in a moment.
    private boolean isBeingMade() {
        if (measured > room.limits().maxBytes() / 2) {
            return false;
        }
        FutureTask<Boolean> running = making;
        if (running != null && !running.isDone()) {
            return true;
        }
        if (running != null && !running.resultNow()) {
            return false; // There was nothing left to take away.
        }
        FutureTask<Boolean> next = new FutureTask<>(room.more()::make);
        making = next;
        Thread.ofPlatform().daemon().name("room").start(next);
        return true;
    }

    private static long free(Path workspace) {
        try {
            return FileSystemStatus.of(NativePath.of(workspace)).availableBytes();
        } catch (SystemCallFailure e) {
            return Long.MAX_VALUE; // It does not say, so there is nothing to go by.
        }
    }

    private static long size(Path directory) {
        try {
            return TreeSize.of(directory);
        } catch (SystemCallFailure e) {
            return 0; // It has been moved, to another of these directories.
        }
    }

    private static String mib(long bytes) {
        return bytes / MIB + " MiB";
    }
}
