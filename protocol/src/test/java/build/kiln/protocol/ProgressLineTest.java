package build.kiln.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

    @Test
    void everyEventSurvivesTheWay() {
        List<ProgressLine> lines = List.of(
                new ProgressLine.Planned(
                        7,
                        "chroot",
                        List.of(new LeftOutRung(Rung.USERNS, "No."), new LeftOutRung(Rung.NESTED, "No, too.")),
                        "abc",
                        List.of(new BaseImage("debian:12", "sha256:1"))),
                new ProgressLine.StepStarted(1, 7, "RUN make"),
                new ProgressLine.StepFinished(
                        1, 7, new StepReport("RUN make", StepOutcome.SHARED, 1200, 55, "sha256:1", null)),
                new ProgressLine.Pushing("registry.example.com/web:1"),
                new ProgressLine.Warned("Beware."));
        for (ProgressLine line : lines) {
            assertThat(line.format()).startsWith("\u001ekiln:{\"event\":\"").doesNotContain("\n");
            assertThat(ProgressLine.parse(line.format())).contains(line);
        }
    }

    @Test
    void aLineForPeopleIsNone() {
        assertThat(ProgressLine.parse("#5 0.123 {\"event\":\"pushing\"}")).isEmpty();
        assertThat(ProgressLine.parse("#5 0.123 \u001ekiln:{\"event\":\"pushing\",\"image\":\"x\"}"))
                .isEmpty();
        assertThat(ProgressLine.parse("")).isEmpty();
    }

    @Test
    void anEventOfANewerBuilderAndABrokenLineAreUnknown() {
        assertThat(ProgressLine.parse("\u001ekiln:{\"event\":\"signed\",\"by\":\"x\"}"))
                .contains(new ProgressLine.Unknown());
        assertThat(ProgressLine.parse("\u001ekiln:{\"event\":\"push")).contains(new ProgressLine.Unknown());
        assertThat(ProgressLine.parse("\u001ekiln:{\"event\":\"pushing\"}")).contains(new ProgressLine.Unknown());
    }

    @Test
    void aLineIsNeverSoLongThatARuntimeSplitsIt() {
        String endless = "RUN \n" + "€".repeat(100_000);
        ProgressLine line = new ProgressLine.StepFinished(
                1, 1, new StepReport(endless, StepOutcome.RAN, 1, 1, "sha256:1", endless));
        assertThat(line.format().getBytes(StandardCharsets.UTF_8).length).isLessThan(4096);
        assertThat(new ProgressLine.Warned(endless).format().getBytes(StandardCharsets.UTF_8).length)
                .isLessThan(4096);
    }
}
