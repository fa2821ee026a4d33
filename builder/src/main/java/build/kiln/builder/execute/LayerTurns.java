package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.lock.Holder;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.cache.lock.Turn;
import build.kiln.builder.cache.lock.Waiter;
import build.kiln.builder.oci.DiffId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets a layer be downloaded and unpacked once that several builds need at the same time.
///
/// Where the volume has no locks, each build does it for itself.
final class LayerTurns {

    private final Cache cache;
    private final Progress progress;

    LayerTurns(Cache cache, Progress progress) {
        this.cache = cache;
        this.progress = progress;
    }

    /// What `lookUp` finds, if it is there by the time nobody else makes it; else what `make` makes.
    ///
    /// @throws build.kiln.builder.failure.PlatformFailure `Interrupted` while it waits
    <T> T once(String what, DiffId layer, Supplier<Optional<T>> lookUp, Supplier<T> make) {
        Waiting<T> waiting = new Waiting<>(layer, lookUp);
        try {
            Turn turn = cache.locks().take(what + layer.digest().hex(), waiting);
            if (turn instanceof Turn.Served) {
                return waiting.found.orElseThrow();
            }
            try (Held held = new Held(turn instanceof Turn.Mine(Holding lock) ? lock : null)) {
                return make.get();
            }
        } catch (InterruptedException e) {
            throw StageRuns.interrupted(e);
        } finally {
            waiting.ended();
        }
    }

    private record Held(@Nullable Holding lock) implements AutoCloseable {
        @Override
        public void close() {
            if (lock != null) {
                lock.close();
            }
        }
    }

    private final class Waiting<T> implements Waiter {

        private final DiffId layer;
        private final Supplier<Optional<T>> lookUp;
        private Optional<T> found = Optional.empty();
        private Progress.@Nullable Activity activity;

        Waiting(DiffId layer, Supplier<Optional<T>> lookUp) {
            this.layer = layer;
            this.lookUp = lookUp;
        }

        @Override
        public boolean isServed() {
            found = lookUp.get();
            return found.isPresent();
        }

        @Override
        public void waitsFor(Holder holder) {
            Progress.Activity shown = activity;
            if (shown == null) {
                shown = progress.start("[internal] waiting for " + layer);
                activity = shown;
            }
            shown.note("waiting for " + holder.name());
        }

        void ended() {
            if (activity != null) {
                activity.done(new StepResult(StepResult.Outcome.SHARED, Duration.ZERO, 0, null, ""));
            }
        }
    }
}
