package build.kiln.operator.imagebuild;

import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Verdict;
import build.kiln.operator.queue.BuildKey;
import build.kiln.operator.queue.Ticket;
import build.kiln.operator.queue.Turn;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What an ImageBuild has to show for its place in the queue.
final class Tickets {

    /// Turns come by events. These are for the place in the status, and the safety net.
    private static final Duration LOOK_WHEN_NEAR = Duration.ofSeconds(30);

    private static final Duration LOOK_WHEN_FAR = Duration.ofMinutes(5);
    private static final Duration LOOK_WHEN_FIRST = Duration.ofSeconds(2);
    private static final int NEAR = 10;

    private Tickets() {}

    static BuildKey key(ImageBuild build) {
        return new BuildKey(
                build.getMetadata().getNamespace(), build.getMetadata().getName());
    }

    static Ticket of(ImageBuild build, Attempt attempt, Clock clock) {
        return new Ticket(key(build), build.getSpec().priority(), attempt.why().isAskedFor(), since(build, clock));
    }

    /// Of those that a limit holds up, and those that nobody has looked at yet. One that waits for something else, be
    /// it its next attempt or a quota, does not stand in anybody's way.
    static Optional<Ticket> ofWaiting(ImageBuild build, Judge judge, Clock clock) {
        return !build.isMarkedForDeletion()
                        && isWaiting(build)
                        && judge.judge(build, List.of()) instanceof Verdict.Due due
                ? Optional.of(of(build, due.attempt(), clock))
                : Optional.empty();
    }

    /// When to look at the place again: a fifth sooner or later, so that who came together does not come back together.
    static Duration lookAgain(ImageBuild build, Turn.Later later) {
        return around(later.position() <= NEAR ? LOOK_WHEN_NEAR : LOOK_WHEN_FAR, build);
    }

    /// When to look again at what others come before. It has its place in the status, if it has waited before.
    static Duration lookAgain(ImageBuild build, Turn.NotYet notYet) {
        return isQueued(build) ? around(LOOK_WHEN_FAR, build) : LOOK_WHEN_FIRST;
    }

    private static Duration around(Duration time, ImageBuild build) {
        long millis = time.toMillis();
        int jitter = Math.floorMod(build.getMetadata().getUid().hashCode() * 31, 401) - 200;
        return Duration.ofMillis(millis + millis * jitter / 1000);
    }

    private static boolean isWaiting(ImageBuild build) {
        ImageBuildStatus status = build.getStatus();
        return status == null || status.phase() == null || isQueued(build);
    }

    /// Whether its status says that it waits for its turn.
    static boolean isQueued(ImageBuild build) {
        return build.getStatus() != null
                && build.getStatus().conditions().stream()
                        .anyMatch(c -> c.reason().equals(Reasons.Queued.name()));
    }

    /// An attempt that is tried again came when its build did: the moment at which `Succeeded` became unknown.
    static Instant since(ImageBuild build, Clock clock) {
        if (build.getStatus() == null || build.getStatus().conditions().isEmpty()) {
            return Instant.parse(build.getMetadata().getCreationTimestamp());
        }
        if (build.getStatus().due() != null) {
            return Instant.parse(build.getStatus().due().since());
        }
        return Stream.of(build.getStatus())
                .flatMap(s -> s.conditions().stream())
                .filter(c -> c.type().equals("Succeeded") && c.status() == Condition.Status.Unknown)
                .map(c -> Instant.parse(c.lastTransitionTime()))
                .findFirst()
                .orElseGet(clock::instant);
    }
}
