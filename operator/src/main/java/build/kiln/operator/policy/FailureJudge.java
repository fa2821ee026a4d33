package build.kiln.operator.policy;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides what follows from an attempt that failed.
///
/// The user's own fault is final; what may go away by itself is tried again.
final class FailureJudge {

    /// So long an image that is built waits for its registry.
    private static final Duration LONGEST_PUSH_PENDING = Duration.ofHours(24);

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final Clock clock;

    FailureJudge(Clock clock) {
        this.clock = clock;
    }

    /// @param pod empty if it is gone
    Verdict judge(
            ImageBuild build,
            BuildStatus current,
            Result.Failed failure,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod) {
        Uncounted uncounted = Uncounted.of(current);
        if (onlyPushIsLeft(uncounted, failure)) {
            return judgePush(build, uncounted, failure, report, pod);
        }
        Optional<String> limit = pod.flatMap(BuilderPod::memoryLimit);
        if (Reasons.isOneOf(failure.reason(), Reasons.OutOfMemory) && limit.isPresent()) {
            return judgeMemory(build, uncounted, failure, limit.get(), report, pod);
        }
        if (Reasons.isOneOf(failure.reason(), Reasons.EvictedByKueue)) {
            // Kueue's queue is what it waits in, and not a delay that grows.
            Instant at = ended(pod).plus(BACKOFF.delay(0, build.getMetadata().getUid()));
            return new Verdict.RetryLater(failure, at, uncounted.andEviction(), report, pod);
        }
        boolean mayGoAway = switch (failure.fault()) {
            case USER, KILN -> false;
            case REMOTE, PLATFORM -> true;
        };
        Instant ended = ended(pod);
        if (!mayGoAway) {
            Instant since = current.startedAt() == null ? ended : Instant.parse(current.startedAt());
            Optional<Instant> lookAgain = SecretRecheck.next(build, failure, uncounted.rechecks(), since, ended);
            return new Verdict.Failed(failure, report, pod, List.of(), Optional.empty(), lookAgain);
        }
        int retriesUsed = orZero(current.attempt()) - orZero(current.firstAttempt()) - uncounted.total();
        if (retriesUsed >= build.getSpec().retries()) {
            Result.Failed last = retriesUsed == 0
                    ? failure
                    : with(failure, "That was the last of " + (retriesUsed + 1) + " attempts.");
            return Verdict.failed(last, report, pod, List.of());
        }
        Instant at = ended.plus(BACKOFF.delay(retriesUsed, build.getMetadata().getUid()));
        return new Verdict.RetryLater(failure, at, uncounted, report, pod);
    }

    /// Once all steps are done, a registry that is down is waited for, wherever the next attempt meets it.
    private static boolean onlyPushIsLeft(Uncounted uncounted, Result.Failed failure) {
        return Reasons.isOneOf(failure.reason(), Reasons.PushPending)
                || uncounted.pendingPushes() > 0 && failure.reason().equals("RegistryUnavailable");
    }

    private Verdict judgePush(
            ImageBuild build,
            Uncounted uncounted,
            Result.Failed failure,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod) {
        Optional<Instant> since =
                Objects.requireNonNullElse(build.getStatus(), ImageBuildStatus.NONE).conditions().stream()
                        .filter(c -> c.type().equals(Reasons.PushPending.name()) && c.status() == Condition.Status.True)
                        .map(c -> Instant.parse(c.lastTransitionTime()))
                        .findFirst();
        if (since.isPresent() && since.get().plus(LONGEST_PUSH_PENDING).isBefore(clock.instant())) {
            String message = failure.message() + " It has been so since " + since.get() + ".";
            Result.Failed last = new Result.Failed(
                    Reasons.PushPending.name(), Reasons.PushPending.fault(), message, null, null, List.of());
            return Verdict.failed(last, report, pod, List.of());
        }
        int before = uncounted.pendingPushes();
        Instant at = ended(pod).plus(BACKOFF.delay(before, build.getMetadata().getUid()));
        return new Verdict.PushLater(failure, at, before + 1, report, pod);
    }

    /// With the same limit it would end the same way. With more, it is tried at once.
    private Verdict judgeMemory(
            ImageBuild build,
            Uncounted uncounted,
            Result.Failed failure,
            String limit,
            Optional<BuildReport> report,
            Optional<BuilderPod> pod) {
        String most = build.getSpec().retryWithMemory();
        List<String> before = uncounted.outOfMemoryWith();
        if (!before.isEmpty() && !Memory.isMore(limit, before.getLast())) {
            // Without this it would be so for ever.
            Result.Failed last = with(
                    failure,
                    "The attempt before it had %s of memory, and this one was to have %s (spec.retryWithMemory): something in the cluster sets the limits of pods anew."
                            .formatted(before.getLast(), uncounted.memory(most).orElse("more")));
            return Verdict.failed(last, report, pod, List.of());
        }
        Uncounted after = uncounted.andOutOfMemoryWith(limit);
        Optional<String> more = most == null ? Optional.empty() : Memory.more(limit, most);
        if (more.isPresent()) {
            Result.Failed retried =
                    with(failure, "The next attempt has %s of memory (spec.retryWithMemory).".formatted(more.get()));
            return new Verdict.RetryLater(retried, ended(pod), after, report, pod);
        }
        Result.Failed last = most == null
                ? failure
                : with(
                        failure,
                        "%s of memory %s not enough, and spec.retryWithMemory allows no more than %s."
                                .formatted(
                                        String.join(", ", after.outOfMemoryWith()),
                                        after.outOfMemoryWith().size() == 1 ? "was" : "were",
                                        most));
        return Verdict.failed(last, report, pod, List.of());
    }

    private Instant ended(Optional<BuilderPod> pod) {
        return pod.flatMap(BuilderPod::endedAt).orElse(clock.instant());
    }

    private static Result.Failed with(Result.Failed failure, String sentence) {
        return new Result.Failed(
                failure.reason(),
                failure.fault(),
                failure.message() + " " + sentence,
                failure.step(),
                failure.exitCode(),
                failure.logTail());
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
