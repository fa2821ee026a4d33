package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoTextTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.000000001S, 1ns",
        "PT0.0000015S, 1.5µs",
        "PT0.25S, 250ms",
        "PT1S, 1s",
        "PT1.05S, 1.05s",
        "PT90S, 1m30s",
        "PT1H, 1h0m0s",
        "PT49H30M0.5S, 49h30m0.5s",
        "PT-1.5S, -1.5s"
    })
    void durationsAreGos(Duration duration, String text) {
        assertThat(GoText.duration(duration)).isEqualTo(text);
    }

    @Test
    void quotesEscapeWhatCannotBePrinted() {
        assertThat(GoText.quoted("a \"b\" \\ \t\n\r\b\f")).isEqualTo("\"a \\\"b\\\" \\\\ \\t\\n\\r\\b\\f\"");
        assertThat(GoText.quoted("\u0007\u000b\u0001\u007f")).isEqualTo("\"\\a\\v\\x01\\x7f\"");
        assertThat(GoText.quoted("é 世 \u00a0\u200b\ufeff")).isEqualTo("\"é 世 \\u00a0\\u200b\\ufeff\"");
        assertThat(GoText.quoted(Character.toString(0x1f600) + Character.toString(0xe0001)))
                .isEqualTo("\"" + Character.toString(0x1f600) + "\\U000e0001\"");
    }

    @Test
    void listsHaveBracketsAndBlanks() {
        assertThat(GoText.list(List.of("a", "b c"))).isEqualTo("[a b c]");
        assertThat(GoText.quotedList(List.of("a", "b c"))).isEqualTo("[\"a\" \"b c\"]");
        assertThat(GoText.quotedList(List.of())).isEqualTo("[]");
    }
}
