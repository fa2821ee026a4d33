package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0 4 * * *        | UTC           | 2026-03-01T12:00 | 2026-03-02T04:00Z 2026-03-03T04:00Z
        0 4 * * *        | Europe/Berlin | 2026-07-01T12:00 | 2026-07-02T02:00Z 2026-07-03T02:00Z
        0 4 * * MON-FRI  | UTC           | 2026-03-06T05:00 | 2026-03-09T04:00Z 2026-03-10T04:00Z
        0 4 * * 7        | UTC           | 2026-03-06T05:00 | 2026-03-08T04:00Z 2026-03-15T04:00Z
        */20 5 1 1,7 *   | UTC           | 2026-01-01T05:20 | 2026-01-01T05:40Z 2026-07-01T05:00Z
        0 4 29 2 *       | UTC           | 2026-01-01T00:00 | 2028-02-29T04:00Z 2032-02-29T04:00Z
        """)
    void timesComeByTheClocksOfTheZone(String cron, String zone, String from, String next) {
        assertThat(times(cron, zone, from, 2)).isEqualTo(next.replace("Z", ":00Z"));
    }

    /// As cron has it since Vixie: a day of the month and one of the week are two chances.
    @Test
    void aDayOfTheMonthAndOneOfTheWeekAreEachEnough() {
        assertThat(times("0 4 13 * FRI", "UTC", "2026-01-08T00:00", 3))
                .isEqualTo("2026-01-09T04:00:00Z 2026-01-13T04:00:00Z 2026-01-16T04:00:00Z");
    }

    /// In Berlin, 02:00 to 03:00 of 29 March 2026 is not, and 02:00 to 03:00 of 25 October 2026 is twice.
    @Test
    void aTimeThatClocksJumpOverComesThatMuchLater() {
        assertThat(times("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00", 3))
                .isEqualTo("2026-03-28T01:30:00Z 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z");
        assertThat(local("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00")).isEqualTo("2026-03-29T03:30");
        assertThat(local("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00")).isEqualTo("2018-11-04T01:00");
    }

    /// Lord Howe Island puts its clocks forward by half an hour.
    @Test
    void eachOfSeveralTimesThatClocksJumpOverComesThatMuchLater() {
        assertThat(times("*/20 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 4))
                .isEqualTo("2026-03-29T01:00:00Z 2026-03-29T01:20:00Z 2026-03-29T01:40:00Z 2026-03-30T00:00:00Z");
        assertThat(times("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 3))
                .isEqualTo("2026-03-29T01:00:00Z 2026-03-29T01:30:00Z 2026-03-30T00:00:00Z");
        assertThat(times("10,20,40 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", 4))
                .isEqualTo("2026-10-03T15:40:00Z 2026-10-03T15:50:00Z 2026-10-04T15:10:00Z 2026-10-04T15:20:00Z");
    }

    @Test
    void everyHourStaysEveryHourWhenClocksArePutForward() {
        assertThat(times("0 * * * *", "Europe/Berlin", "2026-03-29T00:30", 3))
                .isEqualTo("2026-03-29T00:00:00Z 2026-03-29T01:00:00Z 2026-03-29T02:00:00Z");
    }

    @Test
    void aTimeThatClocksShowTwiceComesOnce() {
        assertThat(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2))
                .isEqualTo("2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
    }

    @Test
    void everyHalfHourStaysSoWhenClocksArePutBack() {
        assertThat(times("*/30 * * * *", "Europe/Berlin", "2026-10-25T01:40", 5))
                .isEqualTo("2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z"
                        + " 2026-10-25T02:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        0 4 30 2 *  | UTC          | spec.rebuild.schedule is "0 4 30 2 *", a time that never comes. Name a day that the month has, for example 0 4 1 * *.
        0 22-4 * * * | UTC         | spec.rebuild.schedule is "0 22-4 * * *", which is no schedule: Invalid range! [22,4]. Write minute, hour, day of the month, month and day of the week as cron has them, for example 0 4 * * *.
        0 4 * * *   | Europe/Bonn  | spec.rebuild.timeZone is "Europe/Bonn", a time zone that there is not. Write its name as the IANA database has it, for example UTC or Europe/Berlin.
        """)
    void whatOnlyTheOperatorCanKnowIsSaidInWords(String cron, String zone, String message) {
        assertThatThrownBy(() -> Schedule.parse(cron, zone))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static String times(String cron, String zone, String from, int count) {
        List<String> times = new ArrayList<>();
        Instant at = LocalDateTime.parse(from).atZone(ZoneId.of(zone)).toInstant();
        for (int i = 0; i < count; i++) {
            at = Schedule.parse(cron, zone).next(at).orElseThrow();
            times.add(at.toString());
        }
        return String.join(" ", times);
    }

    private static String local(String cron, String zone, String from) {
        Instant next = Instant.parse(times(cron, zone, from, 1));
        return next.atZone(ZoneId.of(zone)).toLocalDateTime().toString();
    }
}
