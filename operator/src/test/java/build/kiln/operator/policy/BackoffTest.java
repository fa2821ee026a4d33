package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    @ParameterizedTest
    @CsvSource({"0, 10", "1, 20", "2, 40", "3, 80", "4, 160", "5, 300", "9, 300"})
    void theDelayDoublesUpToFiveMinutesAndVariesByAFifth(int retry, long seconds) {
        for (int i = 0; i < 200; i++) {
            assertThat(BACKOFF.delay(retry, "uid-" + i))
                    .isBetween(Duration.ofMillis(seconds * 800), Duration.ofMillis(seconds * 1200));
        }
    }

    @Test
    void whatFailedTogetherDoesNotComeBackTogether() {
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> BACKOFF.delay(0, "uid-" + i))
                        .distinct()
                        .count())
                .isGreaterThan(40);
        assertThat(BACKOFF.delay(1, "a")).isEqualTo(BACKOFF.delay(1, "a"));
    }
}
