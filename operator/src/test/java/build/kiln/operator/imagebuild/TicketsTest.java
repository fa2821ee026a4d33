package build.kiln.operator.imagebuild;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.Judge;
import build.kiln.operator.queue.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicketsTest {

    private static final String WAITS =
            "conditions: [{type: Succeeded, status: %s, reason: %s, message: m, lastTransitionTime: '2026-03-01T11:30:00Z'}]";

    @Test
    void onlyWhatAScheduleOrABaseImageBringsAboutIsNotAskedFor() {
        assertThat(Arrays.stream(BuildReason.values())
                        .filter(why -> !Tickets.of(imageBuild(1, "", ""), attempt(why), CLOCK)
                                .isAskedFor()))
                .containsExactlyInAnyOrder(BuildReason.Schedule, BuildReason.BaseImage);
    }

    @Test
    void aBuildWaitsSinceItIsWantedAndAnotherAttemptSinceItsBuildIs() {
        assertThat(since("")).isEqualTo(Instant.parse("2026-03-01T11:00:00Z"));
        assertThat(since(WAITS.formatted("Unknown", "Retrying"))).isEqualTo(Instant.parse("2026-03-01T11:30:00Z"));
        assertThat(since("due: {reason: Requested, since: '2026-03-01T11:45:00Z'}, "
                        + WAITS.formatted("Unknown", "Queued")))
                .isEqualTo(Instant.parse("2026-03-01T11:45:00Z"));
        // It was built, and is wanted again from now on.
        assertThat(since(WAITS.formatted("'True'", "Succeeded"))).isEqualTo(NOW);
    }

    @ParameterizedTest
    @CsvSource({"'', true", "Queued, true", "QuotaExceeded, false", "Retrying, false"})
    void whoHasWaitedForItsTurnHasItsPlaceAfterAStart(String reason, boolean waits) {
        String status = reason.isEmpty() ? "" : "phase: Queued, " + WAITS.formatted("Unknown", reason);
        Judge judge = new Judge(CLOCK, Duration.ofMinutes(10));
        assertThat(Tickets.ofWaiting(imageBuild(1, "priority: 3", status), judge, CLOCK)
                        .map(t -> t.priority()))
                .isEqualTo(waits ? Optional.of(3) : Optional.empty());
    }

    @Test
    void placesNearTheFrontAreLookedAtOftenAndNotAllAtOnce() {
        Set<Duration> near = new HashSet<>();
        Set<Duration> far = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            ImageBuild build = imageBuild(1, "", "");
            build.getMetadata().setUid("uid-" + i);
            near.add(Tickets.lookAgain(build, new Turn.Later(10, "")));
            far.add(Tickets.lookAgain(build, new Turn.Later(11, "")));
        }
        assertThat(near).allMatch(d -> d.compareTo(Duration.ofSeconds(24)) >= 0 && d.toSeconds() <= 36);
        assertThat(far).allMatch(d -> d.compareTo(Duration.ofMinutes(4)) >= 0 && d.toMinutes() <= 6);
        assertThat(near).hasSizeGreaterThan(50);
        assertThat(far).hasSizeGreaterThan(50);
    }

    private static Instant since(String status) {
        return Tickets.of(imageBuild(1, "", status), attempt(BuildReason.Created), CLOCK)
                .since();
    }

    private static Attempt attempt(BuildReason why) {
        return new Attempt(1, 0, 0, why, null, Optional.empty());
    }
}
