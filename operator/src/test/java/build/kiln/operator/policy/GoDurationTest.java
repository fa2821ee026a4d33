package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({"1h, 3600", "1h30m, 5400", "90s, 90", "10m5s, 605", "0s, 0", "999999s, 999999"})
    void durationsAreReadAndWritten(String text, long seconds) {
        assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(GoDuration.parse(GoDuration.format(Duration.ofSeconds(seconds))))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1d", "h", "-1h", "1h 30m", "1.5h", "1h30"})
    void whatIsNoDurationIsRefused(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .hasMessage("\"" + text + "\" is not a duration such as 1h30m.");
    }

    @Test
    void aDurationIsWrittenToTheSecond() {
        assertThat(GoDuration.format(Duration.ofMillis(61_999))).isEqualTo("1m1s");
        assertThat(GoDuration.format(Duration.ofSeconds(3600))).isEqualTo("1h");
        assertThat(GoDuration.format(Duration.ofSeconds(-5))).isEqualTo("0s");
    }
}
