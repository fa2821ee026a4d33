package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.FailedStep;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.plan.Step;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What becomes of a step's failure for the builds that have waited for it.
///
/// One failure may be an accident: of a node, a network, a moment. So the next of those that wait tries again. If it
/// has the same exit status, the failure is the step's, and the others take it for theirs. Without this the last of
/// many
/// builds would learn only after all the others, one by one, have run a step that cannot succeed.
final class FailureOfOthers {

    /// From here on exit statuses are signals: somebody or something else has ended the process.
    private static final int FIRST_SIGNAL = 128;

    private final Cache cache;
    private final BuildJob job;
    private final Step step;
    private final CacheKey key;
    private final Set<String> waitedFor = new HashSet<>();

    FailureOfOthers(Cache cache, BuildJob job, Step step, CacheKey key) {
        this.cache = cache;
        this.job = job;
        this.step = step;
        this.key = key;
    }

    /// This build waits for the builder of this name.
    void waitsFor(String holder) {
        if (!holder.equals(cache.maker().name())) {
            waitedFor.add(holder);
        }
    }

    /// @throws StepFailure `RunFailed` if the step has failed for others twice while this build waited
    void check(Progress.Activity activity) {
        Optional<FailedStep> failed = seen().filter(FailedStep::isConfirmed);
        if (failed.isPresent()) {
            throw taken(failed.get(), activity);
        }
    }

    /// Tells those who wait that the step has failed here.
    ///
    /// @param lock under which it ran
    void tell(StepFailure failure, Holding lock) {
        if (!isTheSteps(failure)) {
            return;
        }
        List<String> runners = new ArrayList<>();
        seen().filter(before -> before.exitCode() == failure.exitCode())
                .ifPresent(before -> runners.addAll(before.runners()));
        runners.add(cache.maker().name());
        cache.recordFailure(key, new FailedStep(runners, failure.exitCode(), failure.logTail()), lock);
    }

    /// The failure of a builder for which this build has waited.
    private Optional<FailedStep> seen() {
        return waitedFor.isEmpty() || !isTheSameForAll()
                ? Optional.empty()
                : cache.failure(key).filter(failed -> failed.runners().stream().anyMatch(waitedFor::contains));
    }

    private boolean isTheSteps(StepFailure failure) {
        return failure.reason() == Reason.RunFailed
                && failure.exitCode() > 0
                && failure.exitCode() < FIRST_SIGNAL
                && isTheSameForAll();
    }

    /// Whether all that the step can see is part of its key. Secrets, agents and proxies are each build's own.
    private boolean isTheSameForAll() {
        return step instanceof Step.Run run
                && run.uncachedEnv().isEmpty()
                && run.mounts().stream()
                        .noneMatch(mount -> mount instanceof Step.Mount.Secret || mount instanceof Step.Mount.Ssh);
    }

    private StepFailure taken(FailedStep failed, Progress.Activity activity) {
        LogTail tail = new LogTail();
        for (String line : failed.lastLines()) {
            tail.add(line.getBytes(StandardCharsets.UTF_8));
        }
        tail.lines().forEach(line -> activity.output(line.getBytes(StandardCharsets.UTF_8)));
        return new StepFailure(
                Reason.RunFailed,
                job.dockerfileName() + ":" + step.label().line(),
                "RUN ended with exit status " + failed.exitCode() + " for "
                        + failed.runners().getFirst() + " and then for "
                        + failed.runners().getLast() + ", while this build waited for it, and was not run once more.",
                ExitAdvice.of(failed.exitCode()) + " Build again to run it here.",
                step.label().text(),
                failed.exitCode(),
                tail.lines());
    }
}
