package build.kiln.builder.cache.lock;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lets all locks of this process count on. Its thread lives as long as there is one.
///
/// It is a thread of the platform: the virtual ones share their carriers with work that may keep them all busy.
final class Heartbeat {

    private final Duration beat;
    private final Set<Holding> holdings = new HashSet<>();
    private @Nullable Thread thread;

    Heartbeat(Duration beat) {
        this.beat = beat;
    }

    synchronized void add(Holding holding) {
        holdings.add(holding);
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("lock-heartbeat").start(this::run);
        }
    }

    synchronized void remove(Holding holding) {
        holdings.remove(holding);
    }

    private synchronized List<Holding> current() {
        if (holdings.isEmpty()) {
            thread = null;
        }
        return List.copyOf(holdings);
    }

    private void run() {
        while (true) {
            try {
                Thread.sleep(beat);
            } catch (InterruptedException e) {
                return;
            }
            List<Holding> now = current();
            if (now.isEmpty()) {
                return;
            }
            now.forEach(Holding::beat);
        }
    }
}
