package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.registry.Resolved;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the pages on verification and on provenance show, applied and built.
class DeliveryE2E {

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
        String resource = example("verify.md");
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

    @Test
    void theProvenanceOfAnImageIsFoundByItsDigest() throws Exception {
        cluster.kubectl().run("create", "namespace", "provenance").ok();
        cluster.apply("provenance", example("provenance.md"));
        cluster.await("provenance", "web", "Ready");
        String digest = cluster.get("provenance", "web", "{.status.digest}");
        String repository = "registry.kiln.local/examples/with-provenance";
        try (Registry registry = Registry.open(RegistrySettings.defaults(Clock.systemUTC())
                .withRegistriesConf(folder.resolve("cluster/registries.conf")))) {
            Resolved list = registry.resolve(ImageReference.parse(repository + ":" + digest.replace(':', '-')));
            ImageReference found = ImageReference.parse(repository)
                    .withDigest(
                            ImageIndex.parse(list.json()).manifests().getFirst().digest());
            ImageManifest artifact = ImageManifest.parse(registry.resolve(found).json());
            JsonNode statement =
                    Json.parse(registry.pullWhole(found, artifact.layers().getFirst()));

            assertThat(statement.at("/subject/0/name").asText()).isEqualTo(repository);
            assertThat("sha256:" + statement.at("/subject/0/digest/sha256").asText())
                    .isEqualTo(digest);
            JsonNode build = statement.at("/predicate/buildDefinition");
            assertThat(build.at("/externalParameters/buildArgs/VERSION").asText())
                    .isEqualTo("1.2");
            assertThat(build.at("/externalParameters/source/kind").asText()).isEqualTo("inline");
            assertThat(build.at("/internalParameters/steps/0").asText()).endsWith("RUN echo \"1.2\" > /version");
            assertThat(build.at("/resolvedDependencies/0/name").asText()).isEqualTo("Dockerfile");
            assertThat(build.at("/resolvedDependencies/1/digest/sha256").asText())
                    .isEqualTo(cluster.get("provenance", "web", "{.status.baseImages[0].digest}")
                            .substring(7));
            assertThat(statement.at("/predicate/runDetails/builder/id").asText())
                    .isEqualTo("https://kiln.build/builder/operator");
            assertThat(statement
                            .at("/predicate/runDetails/metadata/invocationId")
                            .asText())
                    .isEqualTo("provenance/web-1-0");
            assertThat(ImageManifest.parse(registry.resolve(ImageReference.parse(repository + ":1.2"))
                                    .json())
                            .annotations())
                    .containsEntry("org.opencontainers.image.base.name", "registry.kiln.local/base/busybox:1");
        }
    }

    private static String example(String page) throws Exception {
        String text =
                Files.readString(BuilderOfThisBuild.PROJECT.resolve("docs").resolve(page));
        int start = text.indexOf("```yaml\n") + 8;
        return text.substring(start, text.indexOf("```", start));
    }
}
