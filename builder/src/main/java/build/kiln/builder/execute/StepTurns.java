package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.cache.lock.Holder;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.cache.lock.Turn;
import build.kiln.builder.cache.lock.Waiter;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.plan.Step;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets a step run once that several stages, platforms or builds need at the same time.
///
/// Whoever comes first runs it; the others wait for its record. If the first one dies or does not get it done, another
/// of them runs it. [FailureOfOthers] says when they take its failure for theirs.
final class StepTurns {

    private final Cache cache;
    private final BuildJob job;
    private final Clock clock;
    private final AtomicBoolean warned = new AtomicBoolean();

    StepTurns(Cache cache, BuildJob job, Clock clock) {
        this.cache = cache;
        this.job = job;
        this.clock = clock;
    }

    /// A step that has to be run here, or what others have recorded of it.
    static final class StepTurn implements AutoCloseable {

        private final Optional<StepRecord> theirs;
        private final @Nullable Holding lock;
        private final @Nullable FailureOfOthers failures;

        StepTurn(Optional<StepRecord> theirs, @Nullable Holding lock, @Nullable FailureOfOthers failures) {
            this.theirs = theirs;
            this.lock = lock;
            this.failures = failures;
        }

        /// The record that appeared while this build waited; empty if the step has to be run here.
        Optional<StepRecord> theirs() {
            return theirs;
        }

        /// Records the step, unless somebody has taken this process for dead and runs it, too.
        boolean record(Cache cache, CacheKey key, StepRecord record) {
            if (lock != null) {
                return cache.record(key, record, lock);
            }
            cache.record(key, record);
            return true;
        }

        /// The step has failed here; those who wait for it are told.
        void failed(BuildFailure failure) {
            if (lock != null && failures != null && failure instanceof StepFailure ofStep) {
                failures.tell(ofStep, lock);
            }
        }

        @Override
        public void close() {
            if (lock != null) {
                lock.close();
            }
        }
    }

    /// A turn without a lock, for a step that runs in any case.
    static StepTurn unlocked() {
        return new StepTurn(Optional.empty(), null, null);
    }

    /// @param ofStage is told when this has to wait, and of locks that there are none of
    /// @param lookUp finds the step's record
    /// @throws StepFailure `TimedOut` if the time for the build ends while it waits; `RunFailed` if the step has
    ///     failed for others twice meanwhile
    StepTurn take(
            Step step,
            CacheKey key,
            Progress ofStage,
            Progress.Activity activity,
            Supplier<Optional<StepRecord>> lookUp)
            throws InterruptedException {
        Waiting waiting = new Waiting(step, key, ofStage, activity, lookUp);
        return switch (cache.locks().take("step-" + key, waiting)) {
            case Turn.Mine(Holding lock) -> new StepTurn(Optional.empty(), lock, waiting.failures);
            case Turn.Served() -> new StepTurn(waiting.found, null, null);
            case Turn.Unlocked(String why) -> {
                warn(ofStage, why);
                yield unlocked();
            }
        };
    }

    private void warn(Progress progress, String why) {
        if (!warned.getAndSet(true)) {
            progress.warning(why + " Builds that run now may run the same step twice; the results are the same.");
        }
    }

    private final class Waiting implements Waiter {

        private final Step step;
        private final Progress ofStage;
        private final Progress.Activity activity;
        private final Supplier<Optional<StepRecord>> lookUp;
        private final FailureOfOthers failures;
        private Optional<StepRecord> found = Optional.empty();
        private String holder = "";

        Waiting(
                Step step,
                CacheKey key,
                Progress ofStage,
                Progress.Activity activity,
                Supplier<Optional<StepRecord>> lookUp) {
            this.step = step;
            this.ofStage = ofStage;
            this.activity = activity;
            this.lookUp = lookUp;
            this.failures = new FailureOfOthers(cache, job, step, key);
        }

        @Override
        public boolean isServed() {
            found = lookUp.get();
            if (found.isEmpty() && !holder.isEmpty()) {
                checkTime();
                failures.check(activity);
            }
            return found.isPresent();
        }

        @Override
        public void waitsFor(Holder other) {
            ofStage.waits();
            holder = other.name();
            failures.waitsFor(holder);
            activity.note(
                    holder.equals(cache.maker().name())
                            ? "waiting for the same step elsewhere in this build"
                            : "waiting for " + holder);
        }

        private void checkTime() {
            Instant deadline = job.run().deadline();
            if (clock.instant().isAfter(deadline)) {
                throw new StepFailure(
                        Reason.TimedOut,
                        job.dockerfileName() + ":" + step.label().line(),
                        "The time for the build was over while this step waited for " + holder
                                + ", which runs the same step.",
                        "Give the build more time (spec.timeout).",
                        step.label().text(),
                        -1,
                        List.of());
            }
        }
    }
}
