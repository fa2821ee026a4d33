package build.kiln.bench.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import build.kiln.bench.measure.Figures;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

    private final Outcome outcome = new Outcome();

    private void ran(String workload, String contender, double... wallSeconds) {
        for (int i = 0; i < wallSeconds.length; i++) {
            outcome.add(new Run(
                    workload, Scenario.COLD, contender, i + 1, new Figures(wallSeconds[i], wallSeconds[i] / 2, 1000)));
        }
    }

    @Test
    void aRatioIsOneMedianOverAnother() {
        ran("W1", "kiln", 9, 1, 2);
        ran("W1", "buildkit", 3, 5);
        assertThat(outcome.ratio("W1", Scenario.COLD, "kiln", "buildkit", Figures::wallSeconds))
                .hasValue(2.0 / 4);
    }

    @Test
    void whatWasNotMeasuredHasNoRatio() {
        ran("W1", "kiln", 1);
        assertThat(outcome.ratio("W1", Scenario.COLD, "kiln", "kaniko", Figures::wallSeconds))
                .isEmpty();
        assertThat(outcome.ratio("W1", Scenario.WARM, "kiln", "kiln", Figures::wallSeconds))
                .isEmpty();
    }

    @Test
    void theMeanOfRatiosIsGeometric() {
        ran("W1", "kiln", 1);
        ran("W1", "buildkit", 4);
        ran("W2", "kiln", 2);
        ran("W2", "buildkit", 2);
        assertThat(outcome.meanRatio(List.of("W1", "W2"), Scenario.COLD, "kiln", "buildkit", Figures::wallSeconds)
                        .orElseThrow())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void theTableHasRatiosMeanGrowthAndProblems() {
        ran("W2", "kiln", 4);
        ran("W2", "buildkit", 8);
        ran("W2S", "kiln", 0.5);
        outcome.note("kaniko was left out");
        outcome.note("kaniko was left out");
        outcome.problem("a digest is wrong");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        new Table(outcome, new PrintStream(text, true, StandardCharsets.UTF_8)).print();
        assertThat(text.toString(StandardCharsets.UTF_8)).isEqualTo("""

                        cold: medians of wall seconds, processor seconds, peak MB; kiln/other by wall and by processor time
                          W2   kiln          4.00     2.00      0  \s
                          W2   buildkit      8.00     4.00      0      0.50   0.50
                          W2S  kiln          0.50     0.25      0  \s
                          geometric mean of W2, kiln/buildkit:     0.50   0.50
                        growth of W2 cold, ten times as much: 8.0 times the time
                        note: kaniko was left out
                        PROBLEM: a digest is wrong
                        """);
    }

    @Test
    void theJsonHasRunsAndMedians() {
        ran("W1", "kiln", 1);
        ran("W1", "buildkit", 4);
        assertThat(OutcomeJson.of(outcome))
                .contains(
                        "\"workload\":\"W1\",\"scenario\":\"cold\",\"builder\":\"buildkit\",\"run\":1,\"wallSeconds\":4.0")
                .contains("\"kilnWallRatio\":0.25");
    }
}
