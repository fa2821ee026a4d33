package build.kiln.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.BuildReport.StepCounts;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BuildReportTest {

    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @Test
    void aReportThatFitsArrivesWhole() throws ProtocolMismatch {
        BuildReport report = BuildReport.of(
                        new Result.Succeeded(
                                "registry.example.com/web@" + DIGEST, DIGEST, 12_345, List.of("1", "latest")),
                        "userns",
                        "abc123",
                        List.of(new BaseImage("debian:12", DIGEST)),
                        List.of(step(1, StepOutcome.RAN), step(2, StepOutcome.CACHED), step(3, StepOutcome.CACHED)),
                        List.of("Dockerfile:3: MAINTAINER is deprecated."))
                .withLeftOut(
                        List.of(new LeftOutRung(Rung.USERNS, "It has no ids."), new LeftOutRung(Rung.NESTED, "No.")));
        BuildReport read = BuildReport.parse(report.toTerminationMessage());
        assertThat(read).isEqualTo(report);
        assertThat(read.omitted()).isEmpty();
        assertThat(read.counts()).isEqualTo(new StepCounts(1, 2, 0, 0));
    }

    @Test
    void whatALookAtBaseImagesFoundSurvivesTheTrip() throws ProtocolMismatch {
        for (Result result :
                List.of(new Result.UpToDate(), new Result.Moved(List.of(new BaseImage("debian:12", DIGEST))))) {
            BuildReport report = BuildReport.of(result, null, null, List.of(), List.of(), List.of());
            assertThat(BuildReport.parse(report.toTerminationMessage())).isEqualTo(report);
        }
    }

    @Test
    void stepsGiveWayBeforeTheLogAndTheirCountsStay() throws ProtocolMismatch {
        BuildReport report = failed(
                "It broke.", IntStream.range(0, 20).mapToObj(i -> "line " + i).toList(), 60);
        String message = report.toTerminationMessage();
        assertThat(bytes(message)).isLessThanOrEqualTo(BuildReport.MAX_BYTES);
        BuildReport read = BuildReport.parse(message);
        assertThat(read.steps()).isEmpty();
        assertThat(read.counts()).isEqualTo(new StepCounts(60, 0, 0, 0));
        assertThat(((Result.Failed) read.result()).logTail()).hasSize(20).endsWith("line 19");
        assertThat(read.omitted()).containsExactly("steps.missReason", "steps.digest", "steps");
    }

    @Test
    void theNewestLinesOfALongLogStay() throws ProtocolMismatch {
        BuildReport report = failed(
                "It broke.",
                IntStream.range(0, 200)
                        .mapToObj(i -> "line " + i + " " + "x".repeat(90))
                        .toList(),
                0);
        Result.Failed read =
                (Result.Failed) BuildReport.parse(report.toTerminationMessage()).result();
        assertThat(read.logTail()).hasSizeGreaterThan(5).last().asString().startsWith("line 199 ");
        assertThat(read.reason()).isEqualTo("RunFailed");
        assertThat(read.exitCode()).isEqualTo(2);
    }

    @Test
    void whateverComesFitsAndKeepsReasonAndDigest() throws ProtocolMismatch {
        // Every character of this text takes six bytes in JSON.
        String wide = "\u0001".repeat(5000);
        BuildReport failed = failed(wide, Collections.nCopies(50, wide), 200);
        String message = failed.toTerminationMessage();
        assertThat(bytes(message)).isLessThanOrEqualTo(BuildReport.MAX_BYTES);
        Result.Failed read = (Result.Failed) BuildReport.parse(message).result();
        assertThat(read.reason()).isEqualTo("RunFailed");
        assertThat(read.fault()).isEqualTo(Fault.USER);

        BuildReport succeeded = BuildReport.of(
                        new Result.Succeeded(
                                "r/" + "n".repeat(250) + "@" + DIGEST,
                                DIGEST,
                                1,
                                Collections.nCopies(32, "t".repeat(128))),
                        "userns",
                        "abc",
                        Collections.nCopies(100, new BaseImage("b".repeat(200), DIGEST)),
                        Collections.nCopies(300, step(1, StepOutcome.RAN)),
                        Collections.nCopies(30, wide))
                .withLeftOut(Collections.nCopies(3, new LeftOutRung(Rung.USERNS, "x".repeat(9000))));
        String other = succeeded.toTerminationMessage();
        assertThat(bytes(other)).isLessThanOrEqualTo(BuildReport.MAX_BYTES);
        BuildReport back = BuildReport.parse(other);
        assertThat(((Result.Succeeded) back.result()).digest()).isEqualTo(DIGEST);
        assertThat(back.omitted()).contains("steps", "baseImages", "warnings", "leftOut", "tags");
    }

    @Test
    void theSameReportIsAlwaysCutInTheSameWay() {
        BuildReport report = failed("é".repeat(3000), Collections.nCopies(30, "ü".repeat(300)), 40);
        assertThat(report.toTerminationMessage()).isEqualTo(report.toTerminationMessage());
    }

    @Test
    void aReportOfANewerBuilderIsReadAsFarAsItIsKnown() throws ProtocolMismatch {
        BuildReport read = BuildReport.parse("{\"version\":1,\"provenance\":{},\"result\":{\"outcome\":\"succeeded\","
                + "\"image\":\"r/web@" + DIGEST + "\",\"digest\":\"" + DIGEST + "\",\"sizeBytes\":5,\"sbom\":1}}");
        assertThat(read.result()).isEqualTo(new Result.Succeeded("r/web@" + DIGEST, DIGEST, 5, List.of()));
    }

    @Test
    void whatIsNoReportIsRefused() {
        assertThatThrownBy(() -> BuildReport.parse("Killed\n"))
                .isInstanceOf(ProtocolMismatch.class)
                .hasMessageStartingWith("The build report cannot be read: ");
        assertThatThrownBy(() -> BuildReport.parse("{\"version\":7}"))
                .hasMessageStartingWith("The build report has version 7; this program takes version 1. ");
        assertThatThrownBy(() -> BuildReport.parse("{\"version\":1}"))
                .hasMessage("The build report cannot be read: The field \"result\" is missing.");
    }

    private static BuildReport failed(String message, List<String> log, int steps) {
        return BuildReport.of(
                new Result.Failed("RunFailed", Fault.USER, message, "RUN make", 2, log),
                "userns",
                null,
                List.of(),
                IntStream.range(0, steps)
                        .mapToObj(i -> step(i, StepOutcome.RAN))
                        .toList(),
                List.of());
    }

    private static StepReport step(int number, StepOutcome outcome) {
        return new StepReport("RUN make part-" + number, outcome, 1500, 4096, DIGEST, "src/main.c changed");
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Test
    void itSaysWhenTheBuildCameHowFar() throws ProtocolMismatch {
        StepReport step = new StepReport("RUN make", StepOutcome.RAN, 1500, 10, null, null).startedAfter(250);
        Timeline timeline = new Timeline(1_772_366_400_000L, 100L, 200L, null, 1800);
        BuildReport report = BuildReport.of(
                        new BuildReport.Result.Failed("RunFailed", Fault.USER, "It broke.", null, null, List.of()),
                        null,
                        null,
                        List.of(),
                        List.of(step),
                        List.of())
                .withTimeline(timeline);
        String message = report.toTerminationMessage();
        assertThat(message)
                .contains("\"startMillis\":250")
                .contains("\"timeline\":{\"startedAt\":1772366400000,\"sourceMillis\":100,\"plannedMillis\":200,"
                        + "\"endMillis\":1800}");
        assertThat(BuildReport.parse(message)).isEqualTo(report);
    }

    @Test
    void manyStepsLoseTheirStartsBeforeTheyGoThemselves() throws ProtocolMismatch {
        List<StepReport> steps = java.util.stream.IntStream.range(0, 38)
                .mapToObj(i -> new StepReport("RUN make part " + i, StepOutcome.RAN, 1500, 10, null, null)
                        .startedAfter(i * 1000L))
                .toList();
        BuildReport report = BuildReport.of(
                new BuildReport.Result.Succeeded("a@sha256:1", "sha256:1", 1, List.of()),
                "userns",
                null,
                List.of(),
                steps,
                List.of());
        BuildReport read = BuildReport.parse(report.toTerminationMessage());
        assertThat(read.omitted()).containsExactly("steps.startMillis");
        assertThat(read.steps())
                .hasSize(38)
                .allSatisfy(s -> assertThat(s.startMillis()).isNull());
    }
}
