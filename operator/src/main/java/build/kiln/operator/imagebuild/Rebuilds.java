package build.kiln.operator.imagebuild;

import static java.util.Objects.requireNonNull;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Rebuild;
import build.kiln.crds.ScheduleStatus;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.Schedule;
import build.kiln.operator.status.News;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds what makes a build due although nothing in its resource has changed.
///
/// What is due is remembered in the status: so it is built once, whoever restarts and however long nobody was there.
final class Rebuilds {

    private final Clock clock;

    Rebuilds(Clock clock) {
        this.clock = clock;
    }

    /// What there is to remember now.
    List<News> notes(ImageBuild build) {
        Rebuild wanted = build.getSpec().rebuild();
        ScheduleStatus known = status(build).schedule();
        if (wanted == null || wanted.schedule() == null) {
            return nothing(known);
        }
        if (known != null
                && isOf(known, wanted)
                && (build.getSpec().suspend() || clock.instant().isBefore(at(known)))) {
            return List.of();
        }
        Optional<ScheduleStatus> next;
        try {
            next = Schedule.of(wanted).flatMap(s -> s.next(clock.instant())).map(at -> scheduled(wanted, at));
        } catch (IllegalArgumentException e) {
            // The resource is refused for it. A time of the schedule before it would come, and nothing would be done.
            return nothing(known);
        }
        return known != null && isOf(known, wanted)
                ? List.of(new News.Due(BuildReason.Schedule, Optional.empty()), new News.Scheduled(next))
                : List.of(new News.Scheduled(next));
    }

    private static List<News> nothing(@Nullable ScheduleStatus known) {
        return known == null ? List.of() : List.of(new News.Scheduled(Optional.empty()));
    }

    /// How long there will be nothing new, if nothing happens.
    Optional<Duration> untilNext(ImageBuild build) {
        ScheduleStatus schedule = status(build).schedule();
        return schedule == null || build.getSpec().suspend()
                ? Optional.empty()
                : Optional.of(Duration.between(clock.instant(), at(schedule)));
    }

    /// What was due while a build ran has its turn when that has ended, and nobody else tells of it.
    Optional<Duration> afterwards(ImageBuild build, List<News> news) {
        return haveEnded(news) && status(build).due() != null ? Optional.of(Duration.ZERO) : Optional.empty();
    }

    static boolean haveEnded(List<News> news) {
        return news.stream().anyMatch(n -> n instanceof News.Succeeded || n instanceof News.Failed);
    }

    private static Instant at(ScheduleStatus schedule) {
        return Instant.parse(schedule.nextAt());
    }

    private static ScheduleStatus scheduled(Rebuild wanted, Instant at) {
        return new ScheduleStatus(
                requireNonNull(wanted.schedule()),
                wanted.timeZone(),
                at.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private static boolean isOf(ScheduleStatus known, Rebuild wanted) {
        return known.schedule().equals(wanted.schedule()) && known.timeZone().equals(wanted.timeZone());
    }

    private static ImageBuildStatus status(ImageBuild build) {
        return build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
    }
}
