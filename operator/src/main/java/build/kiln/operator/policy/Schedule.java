package build.kiln.operator.policy;

import build.kiln.crds.Rebuild;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The times of `spec.rebuild.schedule`: five fields of cron, on the clocks of a time zone.
///
/// Clocks that are put forward leave out no time: each that they jump over comes as much later as they were put
/// forward.
/// Clocks that are put back show an hour twice: a time in it comes once, unless the schedule has several times in an
/// hour or hours.
public final class Schedule {

    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final Instant ANY_TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final ExecutionTime times;
    private final ZoneId zone;

    private Schedule(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /// The schedule that a spec has; empty for none.
    ///
    /// @throws IllegalArgumentException whose message is for the user: the field, what it has, and what is expected
    public static Optional<Schedule> of(@Nullable Rebuild rebuild) {
        return rebuild == null || rebuild.schedule() == null
                ? Optional.empty()
                : Optional.of(parse(rebuild.schedule(), rebuild.timeZone()));
    }

    static Schedule parse(String cron, String zone) {
        Schedule schedule = new Schedule(times(cron), zone(zone));
        if (schedule.next(ANY_TIME).isEmpty()) {
            throw new IllegalArgumentException(
                    "spec.rebuild.schedule is \"%s\", a time that never comes. Name a day that the month has, for example 0 4 1 * *."
                            .formatted(cron));
        }
        return schedule;
    }

    private static ExecutionTime times(String cron) {
        try {
            return ExecutionTime.forCron(PARSER.parse(cron).validate());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "spec.rebuild.schedule is \"%s\", which is no schedule: %s. Write minute, hour, day of the month, month and day of the week as cron has them, for example 0 4 * * *."
                            .formatted(cron, reason(e)),
                    e);
        }
    }

    private static String reason(IllegalArgumentException e) {
        return String.valueOf(e.getMessage())
                .replaceFirst("^Failed to parse cron expression\\. ", "")
                .replaceFirst("[.!]$", "");
    }

    private static ZoneId zone(String zone) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "spec.rebuild.timeZone is \"%s\", a time zone that there is not. Write its name as the IANA database has it, for example UTC or Europe/Berlin."
                            .formatted(zone),
                    e);
        }
    }

    /// The first time after `after`.
    public Optional<Instant> next(Instant after) {
        return Stream.of(times.nextExecution(after.atZone(zone)), jumpedOver(after))
                .flatMap(Optional::stream)
                .map(ZonedDateTime::toInstant)
                .filter(at -> at.isAfter(after))
                .min(Instant::compareTo);
    }

    /// The next time by clocks that nobody puts forward, if those of the zone jump over it.
    private Optional<ZonedDateTime> jumpedOver(Instant after) {
        return times.nextExecution(notPutForward(after).atZone(ZoneOffset.UTC))
                .map(ZonedDateTime::toLocalDateTime)
                .filter(time -> zone.getRules().getValidOffsets(time).isEmpty())
                .map(time -> time.atZone(zone));
    }

    /// What clocks show that were not put forward when those of the zone were, for as long as they show what these
    /// jumped over.
    private LocalDateTime notPutForward(Instant at) {
        ZoneOffsetTransition last = zone.getRules().previousTransition(at.plusNanos(1));
        boolean showsIt =
                last != null && last.isGap() && at.isBefore(last.getInstant().plus(last.getDuration()));
        return LocalDateTime.ofInstant(at, showsIt ? last.getOffsetBefore() : zone);
    }
}
