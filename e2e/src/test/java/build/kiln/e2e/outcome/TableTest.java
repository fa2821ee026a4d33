package build.kiln.e2e.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.e2e.outcome.Result.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    private static final List<Result> RESULTS = List.of(
            new Result("inline", "It is built", Verdict.HOLDS, Duration.ofMillis(3_210), "userns", ""),
            new Result(
                    "run-fails",
                    "It fails",
                    Verdict.FAILS,
                    Duration.ofSeconds(61),
                    "",
                    "Ready is \"True\"; …\nphase Succeeded"),
            new Result("private", "It is pushed", Verdict.LEFT_OUT, Duration.ZERO, "", "There is no registry."));

    @Test
    void tableHasARowALineAndTheReasonsBelow() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Table table = new Table(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                RESULTS.stream().map(Result::row).toList(),
                RESULTS.stream().map(Result::what).toList());
        table.head();
        RESULTS.forEach(table::print);
        table.foot(RESULTS, Duration.ofSeconds(70));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
            ROW        WHAT          RESULT    SECONDS  ISOLATION
            inline     It is built   holds         3.2  userns
            run-fails  It fails      FAILS        61.0
                Ready is "True"; …
                phase Succeeded
            private    It is pushed  left out      0.0
                There is no registry.
            1 of 3 rows hold; 70.0 seconds
            """);
    }

    @Test
    void jsonSaysWhetherAllHolds() {
        assertThat(ResultsJson.of(RESULTS))
                .startsWith("{\"holds\":false,\"rows\":[{\"row\":\"inline\",\"what\":\"It is"
                        + " built\",\"result\":\"holds\",\"seconds\":3.21,")
                .contains("\"result\":\"left_out\"");
        assertThat(ResultsJson.of(RESULTS.subList(0, 1))).startsWith("{\"holds\":true,");
        assertThat(ResultsJson.of(List.of())).startsWith("{\"holds\":false,");
    }
}
