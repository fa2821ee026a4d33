package build.kiln.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReactionsTest {

    private final Reactions reactions = new Reactions();

    @Test
    void aPercentileIsTheTimeThatSoManyKeepWithin() {
        reactions.count();
        IntStream.rangeClosed(1, 200).forEach(i -> reactions.add("pod-" + i, Duration.ofMillis(i)));

        assertThat(reactions.percentile(99)).isEqualTo(Duration.ofMillis(198));
        assertThat(reactions.percentile(50)).isEqualTo(Duration.ofMillis(100));
        assertThat(reactions.percentile(100)).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void theSlowestIsThatOfTheTimeSinceItWasAskedFor() {
        reactions.count();
        reactions.add("one", Duration.ofMillis(70));
        reactions.add("two", Duration.ofMillis(5));

        assertThat(reactions.slowestSinceAsked()).isEqualTo(Duration.ofMillis(70));
        reactions.add("three", Duration.ofMillis(6));
        assertThat(reactions.slowestSinceAsked()).isEqualTo(Duration.ofMillis(6));
        assertThat(reactions.slowestSinceAsked()).isZero();
    }

    @Test
    void onlyTheFirstReactionToAPodCounts() {
        reactions.count();
        reactions.add("pod", Duration.ofMillis(5));
        reactions.add("pod", Duration.ofSeconds(5));

        assertThat(reactions.size()).isEqualTo(1);
        assertThat(reactions.percentile(100)).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void whatHappensWhileTheOperatorIsKilledDoesNotCount() {
        reactions.count();
        reactions.add("before", Duration.ofMillis(5));
        reactions.pause();
        reactions.add("meanwhile", Duration.ofSeconds(9));
        reactions.count();

        assertThat(reactions.percentile(100)).isEqualTo(Duration.ofMillis(5));
        assertThat(reactions.answered()).containsExactlyInAnyOrder("before", "meanwhile");
    }

    @Test
    void whatWasCountedBeforeAPartOfTheRunIsForgottenForIt() {
        reactions.count();
        reactions.add("of the flood", Duration.ofSeconds(9));
        reactions.forgetTimes();
        reactions.add("later", Duration.ofMillis(5));

        assertThat(reactions.size()).isEqualTo(1);
        assertThat(reactions.percentile(100)).isEqualTo(Duration.ofMillis(5));
        assertThat(reactions.answered()).containsExactlyInAnyOrder("of the flood", "later");
    }
}
