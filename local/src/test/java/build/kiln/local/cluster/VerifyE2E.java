package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page on verification shows, applied and built.
class VerifyE2E {

    @TempDir
    static Path folder;

    private static RunningCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void theTagOfAnImageThatDoesNotPassStaysWhereItWas() throws Exception {
        String page = Files.readString(BuilderOfThisBuild.PROJECT.resolve("docs/verify.md"));
        String resource = page.substring(page.indexOf("```yaml\n") + 8, page.indexOf("```\n\n| field"));
        cluster.kubectl().run("create", "namespace", "verify").ok();
        cluster.apply("verify", resource);
        cluster.await("verify", "web", "Ready");
        String before = cluster.get("verify", "web", "{.status.digest}");

        cluster.apply("verify", resource.replace("echo \"web 1.2\"", "echo broken; exit 3"));
        cluster.await("verify", "web", "Stalled");

        assertThat(cluster.get(
                        "verify", "web", "{.status.failure.reason} {.status.failure.exitCode} {.status.failure.log}"))
                .isEqualTo("VerifyFailed 3 broken");
        assertThat(cluster.get("verify", "web", "{.status.failure.step}")).isEqualTo("verify /app/web --version");
        assertThat(cluster.get("verify", "web", "{.status.build.attempt}")).isEqualTo("0");
        assertThat(cluster.get("verify", "web", "{.status.digest}")).isEqualTo(before);
        assertThat(cluster.get("verify", "web", "{.status.failure.message}"))
                .startsWith("spec.verify: the command ended with exit status 3 after ")
                .contains(" No tag leads to the image. It is in the registry, to be looked at, as"
                        + " registry.kiln.local/examples/verified@sha256:");
        cluster.kubectl().run("create", "namespace", "verify-again").ok();
        cluster.apply("verify-again", """
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: user}
            spec:
              source:
                inline:
                  files:
                    Dockerfile: "FROM registry.kiln.local/examples/verified:1.2\\n"
              output: {image: "registry.kiln.local/examples/verified-user:1"}
            """);
        cluster.await("verify-again", "user", "Ready");
        assertThat(cluster.get("verify-again", "user", "{.status.baseImages[0].digest}"))
                .isEqualTo(before);
    }
}
