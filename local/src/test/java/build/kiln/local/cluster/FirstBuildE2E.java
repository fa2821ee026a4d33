package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page on the first build shows, one after the other.
class FirstBuildE2E {

    private static final String STEPS = "{range .status.steps[*]}{.outcome} {.instruction} {.missReason}{\"\\n\"}{end}";

    @TempDir
    Path folder;

    @Test
    void theFirstBuildTheChangeAndTheFailureAreAsThePageSays() throws Exception {
        String page = Files.readString(BuilderOfThisBuild.PROJECT.resolve("docs/first-build.md"));
        String resource = page.substring(page.indexOf("apiVersion:"), page.indexOf("```\n\nPut a base image"))
                .replace("registry.example.com", "registry.kiln.local")
                .replace("    pushSecret: regcred\n", "");
        assertThat(page).contains(STEPS.substring(0, 40));
        try (RunningCluster cluster = RunningCluster.start(folder)) {
            cluster.kubectl().run("create", "namespace", "team-a").ok();
            cluster.apply("team-a", resource);
            cluster.await("team-a", "hello", "Ready");
            assertThat(cluster.get("team-a", "hello", "{.status.image}"))
                    .matches(Pattern.quote("registry.kiln.local/team-a/hello@sha256:") + "[0-9a-f]{64}");

            cluster.apply("team-a", resource.replace("Hello from Kiln", "Hello again"));
            cluster.kubectl()
                    .run("wait", "--for=jsonpath={.status.observedGeneration}=2", "imagebuild/hello", "-n", "team-a")
                    .ok();
            cluster.await("team-a", "hello", "Ready");
            assertThat(cluster.get("team-a", "hello", STEPS).lines())
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(page).contains("\n" + line.strip() + "\n"));

            cluster.apply("team-a", resource.replace("RUN id", "RUN ifd"));
            cluster.await("team-a", "hello", "Succeeded=False");
            assertThat(cluster.get("team-a", "hello", "{.status.failure.reason} {.status.failure.log}"))
                    .startsWith("RunFailed")
                    .contains("ifd: not found");
        }
    }
}
