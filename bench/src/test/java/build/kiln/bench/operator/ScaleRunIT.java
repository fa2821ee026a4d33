package build.kiln.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaleRunIT {

    private static final Path DEFINITION = Path.of("../helm/kiln/crds/imagebuilds.kiln.build.yaml");

    @TempDir
    Path folder;

    @Test
    void anOperatorThatIsKilledMidwayBringsAllBuildsToTheirEnd() throws Exception {
        ByteArrayOutputStream people = new ByteArrayOutputStream();
        ScaleOutcome outcome;
        try (ApiTarget target = ApiTarget.embedded(folder, Clock.systemUTC())) {
            OperatorProcess.Settings operators = new OperatorProcess.Settings(
                    Path.of("../images/operator/java-options"),
                    System.getProperty("java.class.path"),
                    "512m",
                    folder.resolve("operator.log"));
            outcome = new ScaleRun(
                            target,
                            operators,
                            new ScaleSettings(40, 10, Duration.ofSeconds(2)),
                            "test",
                            new PrintStream(people, true, StandardCharsets.UTF_8))
                    .measure(DEFINITION);
            assertThat(target.client().nodes().list().getItems()).isEmpty();
        }
        assertThat(outcome.stuck()).as(people.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(outcome.duplicatePods()).isZero();
        assertThat(outcome.rssMiB()).isBetween(50L, 600L);
        assertThat(outcome.restartSeconds()).isPositive();
        // A pod, its status and an Event at the least.
        assertThat(outcome.requestsPerBuild()).isBetween(3.0, 40.0);
        assertThat(new ObjectMapper().readTree(outcome.json()).propertyStream().map(e -> e.getKey()))
                .containsExactly("rssMiB", "p99Millis", "restartSeconds", "requestsPerBuild", "duplicatePods", "stuck");
        assertThat(Set.of(people.toString(StandardCharsets.UTF_8).split("\n"))).anyMatch(l -> l.contains("is killed"));
    }
}
