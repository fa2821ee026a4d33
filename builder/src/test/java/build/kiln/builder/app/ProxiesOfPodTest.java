package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.plan.Planner;
import build.kiln.builder.plan.Step;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxiesOfPodTest {

    private static final Environment POD = new Environment(
            Map.of(
                    "HTTP_PROXY", "http://proxy.example.com:3128",
                    "no_proxy", "localhost",
                    "TOKEN", "hidden"),
            System.out,
            System.err,
            Clock.systemUTC());

    private static Step.Run run(Map<String, String> buildArgs) {
        byte[] text = "FROM scratch\nRUN [\"/x\"]\n".getBytes(StandardCharsets.UTF_8);
        Plan plan = Planner.plan(
                Dockerfile.parse("Dockerfile", text),
                PlanRequest.builder(Platform.parse("linux/amd64"))
                        .buildArgs(ProxyVariables.asBuildArgs(buildArgs, POD))
                        .build(),
                (name, platform, place) -> {
                    throw new AssertionError("no image is asked for");
                });
        return (Step.Run) plan.stages().getFirst().steps().getFirst();
    }

    @Test
    void proxiesOfThePodReachARunAndNothingElseDoes() {
        Step.Run run = run(Map.of());
        assertThat(run.uncachedEnv())
                .containsExactlyInAnyOrder(
                        "HTTP_PROXY=http://proxy.example.com:3128",
                        "http_proxy=http://proxy.example.com:3128",
                        "NO_PROXY=localhost",
                        "no_proxy=localhost");
        assertThat(run.env()).noneMatch(variable -> variable.contains("proxy") || variable.contains("TOKEN"));
    }

    @Test
    void aBuildArgumentWins() {
        assertThat(run(Map.of("http_proxy", "http://other.example.com")).uncachedEnv())
                .contains("HTTP_PROXY=http://other.example.com")
                .doesNotContain("HTTP_PROXY=http://proxy.example.com:3128");
        assertThat(ProxyVariables.asBuildArgs(Map.of("HTTP_PROXY", ""), POD)).doesNotContainKey("http_proxy");
    }
}
