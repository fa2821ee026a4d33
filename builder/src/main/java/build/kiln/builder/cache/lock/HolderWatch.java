package build.kiln.builder.cache.lock;

import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells at once when a holder on this kernel gives its lock back, or dies.
///
/// A thread of its own waits for the kernel's lock, since nothing can interrupt it: it ends when the holder does.
final class HolderWatch {

    private final Path alive;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean told;

    private HolderWatch(Path alive) {
        this.alive = alive;
    }

    static HolderWatch start(Sighting holder) {
        HolderWatch watch = new HolderWatch(holder.folder().resolve(Claim.ALIVE));
        Thread.ofPlatform().daemon().name("lock-watch").start(watch::run);
        return watch;
    }

    private void run() {
        try (OpenFile file = OpenFile.read(NativePath.of(alive))) {
            file.lock(Lock.SHARED);
        } catch (SystemCallFailure e) {
            // It is gone already, or has no kernel lock: a look at it will tell.
        } finally {
            ended.countDown();
        }
    }

    /// Waits until the holder has ended, or so long.
    ///
    /// @return false if it has ended, and this was told already
    boolean await(Duration most) throws InterruptedException {
        if (told) {
            return false;
        }
        told = ended.await(most.toNanos(), TimeUnit.NANOSECONDS);
        return true;
    }
}
