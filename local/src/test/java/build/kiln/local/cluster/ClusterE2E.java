package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.local.Kubectl;
import build.kiln.local.demo.Demo;
import build.kiln.local.node.FileTrees;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterE2E {

    private static final Path PROJECT = BuilderOfThisBuild.PROJECT;

    @TempDir
    static Path folder;

    private static LocalCluster cluster;
    private static Kubectl kubectl;

    @BeforeAll
    static void start() throws Exception {
        RunningCluster running = RunningCluster.start(folder);
        cluster = running.cluster();
        kubectl = running.kubectl();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /// An ImageBuild in a namespace of its own, which is made too.
    private static void apply(String namespace, String dockerfile) throws Exception {
        apply(namespace, dockerfile, "registry.kiln.local");
    }

    private static void apply(String namespace, String dockerfile, String registry) throws Exception {
        kubectl.run("create", "namespace", namespace).ok();
        String resource = """
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: it}
            spec:
              source:
                inline:
                  files:
                    Dockerfile: |
            %s
              output: {image: "%s/%s/it:1"}
            """.formatted(dockerfile.indent(10), registry, namespace);
        kubectl.runWithInput(resource, "apply", "-n", namespace, "-f", "-").ok();
    }

    private static String get(String namespace, String path) throws Exception {
        return kubectl.run("get", "imagebuild", "it", "-n", namespace, "-o", "jsonpath=" + path)
                .ok()
                .out();
    }

    private static void await(String namespace, String condition) throws Exception {
        Kubectl.Run waited =
                kubectl.run("wait", "--for=condition=" + condition, "imagebuild/it", "-n", namespace, "--timeout=50s");
        assertThat(waited.exitCode())
                .as(waited.err() + get(namespace, "{.status}"))
                .isZero();
    }

    private static void awaitPhase(String namespace, String phase) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(50))
                .until(() -> get(namespace, "{.status.phase}").equals(phase));
    }

    @Test
    void demoHolds() throws Exception {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);
        Path conf = folder.resolve("cluster/registries.conf");
        Demo demo = new Demo(
                cluster.description().api(),
                conf,
                Files.createDirectories(folder.resolve("demo")),
                Clock.systemUTC(),
                out);
        Demo.Outcome outcome = demo.run(PROJECT.resolve("examples/hello/imagebuild.yaml"));
        FileTrees.delete(folder.resolve("demo"));
        assertThat(outcome.phase()).isEqualTo("Succeeded");
        assertThat(outcome.image()).endsWith("@" + outcome.digest());
        assertThat(outcome.json())
                .matches("\\{\"image\":\"[^\"]+\",\"digest\":\"sha256:[0-9a-f]{64}\",\"phase\":\"Succeeded\","
                        + "\"seconds\":[0-9.]+,\"rebuildSeconds\":[0-9.]+,\"cachedSteps\":3,\"ranSteps\":3}");
        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains("RUN awk -f compile.awk", "diffID", "Hello from Kiln! This is version 1.0, run by nobody.");
        assertThat(kubectl.run("get", "imagebuilds").ok().out())
                .containsPattern("NAME +READY +PHASE +STEPS +IMAGE +AGE")
                .containsPattern("hello +True +Succeeded +6/6 +registry.kiln.local/examples/hello@sha256:");
        assertThat(kubectl.run("describe", "imagebuild", "hello").ok().out()).contains("Succeeded");
        assertThat(kubectl.run("get", "events").ok().out()).contains("imagebuild/hello", "pod/hello-");
    }

    @Test
    void failedRunTellsItsOutput() throws Exception {
        apply("fails", """
            FROM registry.kiln.local/base/busybox:1
            RUN echo about to fail && exit 3
            """);
        await("fails", "Stalled");
        assertThat(get("fails", "{.status.phase} {.status.failure.exitCode}")).isEqualTo("Failed 3");
        assertThat(get("fails", "{.status.failure.log}")).contains("about to fail");
        assertThat(get("fails", "{.status.failure.message}")).startsWith("Dockerfile:2: RUN");
    }

    @Test
    void runGetsSecretAndAgentAndTheBuildItsContexts() throws Exception {
        kubectl.run("create", "namespace", "given").ok();
        kubectl.run("create", "secret", "generic", "npm", "-n", "given", "--from-literal=.npmrc=hush-4711")
                .ok();
        kubectl.run(
                        "create",
                        "secret",
                        "generic",
                        "deploy-key",
                        "-n",
                        "given",
                        "--type=kubernetes.io/ssh-auth",
                        "--from-literal=ssh-privatekey=" + privateKey())
                .ok();
        HttpServer files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/tool", exchange -> {
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write("tool".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        files.start();
        try {
            kubectl.runWithInput(
                            """
                            apiVersion: kiln.build/v1alpha1
                            kind: ImageBuild
                            metadata: {name: it}
                            spec:
                              source:
                                inline:
                                  files:
                                    Dockerfile: |
                                      FROM base
                                      COPY --from=tool /context /tool
                                      RUN --mount=type=secret,id=npmrc,required sha256sum /run/secrets/npmrc | grep -q ^%s
                                      RUN --mount=type=ssh,required test -S "$SSH_AUTH_SOCK" && test "$(cat /tool)" = tool
                              contexts:
                                base: docker-image://registry.kiln.local/base/busybox:1
                                tool: http://127.0.0.1:%d/tool
                              secrets: [{id: npmrc, secret: npm, key: .npmrc}]
                              ssh: [{id: default, secret: deploy-key}]
                              output: {image: "registry.kiln.local/given/it:1"}
                            """.formatted(
                                    sha256("hush-4711"), files.getAddress().getPort()),
                            "apply",
                            "-n",
                            "given",
                            "-f",
                            "-")
                    .ok();
            await("given", "Ready");
        } finally {
            files.stop(0);
        }
        assertThat(get("given", "{.status}"))
                .contains("registry.kiln.local/base/busybox")
                .doesNotContain("hush");
        assertThat(kubectl.run("get", "pods", "-n", "given", "-o", "yaml").ok().out())
                .as("names of Secrets alone pass through the operator")
                .contains("secretName: npm", "secretName: deploy-key")
                .doesNotContain("hush");
    }

    private static String sha256(String text) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest);
    }

    private static String privateKey() throws Exception {
        byte[] key = KeyPairGenerator.getInstance("RSA")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                + "\n-----END PRIVATE KEY-----\n";
    }

    @Test
    void podThatSomebodyDeletesIsTriedAgain() throws Exception {
        apply("retried", """
            FROM registry.kiln.local/base/busybox:1
            RUN sleep 2 && touch /done
            """);
        awaitPhase("retried", "Building");
        String pod = get("retried", "{.status.build.pod}");
        kubectl.run("delete", "pod", pod, "-n", "retried", "--grace-period=1").ok();
        await("retried", "Ready");
        assertThat(get("retried", "{.status.build.pod}")).isNotEqualTo(pod);
    }

    @Test
    void imageThatIsBuiltWaitsForItsRegistryAndNoStepRunsAgain() throws Exception {
        try (Gate gate = Gate.shutBefore(cluster.description().registry())) {
            apply("pending", """
                FROM registry.kiln.local/base/busybox:1
                RUN touch /done
                COPY Dockerfile /
                """, gate.address());
            await("pending", "PushPending");
            assertThat(get("pending", "{.status.steps[*].outcome} {.status.build.pendingPushes}"))
                    .isEqualTo("ran ran 1");
            gate.open();
            await("pending", "Ready");
            assertThat(get("pending", "{.status.steps[*].outcome} {.status.build.attempt}"))
                    .isEqualTo("resumed resumed 1");
            assertThat(get("pending", "{.status.conditions[*].type}")).isEqualTo("Ready Succeeded");
            assertThat(kubectl.run("get", "events", "-n", "pending").ok().out()).contains("PushPending");
        }
    }

    @Test
    void deletingTheResourceEndsItsBuild() throws Exception {
        String seconds = "31536" + ProcessHandle.current().pid() % 10_000;
        apply("deleted", """
            FROM registry.kiln.local/base/busybox:1
            RUN sleep %s
            """.formatted(seconds));
        Awaitility.await().atMost(Duration.ofSeconds(50)).until(() -> isRunning(seconds));
        kubectl.run("delete", "imagebuild", "it", "-n", "deleted").ok();
        Awaitility.await().atMost(Duration.ofSeconds(45)).until(() -> !isRunning(seconds));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> kubectl.run("get", "pods", "-n", "deleted", "-o", "name")
                        .ok()
                        .out()
                        .isEmpty());
    }

    private static boolean isRunning(String lastArgument) {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").endsWith(" " + lastArgument));
    }

    @Test
    void logIsFollowedByKubectl() throws Exception {
        apply("followed", """
            FROM registry.kiln.local/base/busybox:1
            RUN echo one; sleep 1; echo two
            """);
        awaitPhase("followed", "Building");
        String pod = get("followed", "{.status.build.pod}");
        assertThat(kubectl.run("logs", "-f", pod, "-n", "followed").ok().out()).contains("one\n", "two\n");
        await("followed", "Ready");
    }

    @Test
    void severalPlatformsBecomeAnIndexOfImagesThatWerePushedByDigest() throws Exception {
        kubectl.run("create", "namespace", "several").ok();
        kubectl.runWithInput("""
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: it}
            spec:
              source:
                inline:
                  files:
                    Dockerfile: |
                      FROM scratch
                      ARG TARGETVARIANT
                      ENV VARIANT=$TARGETVARIANT
                      COPY Dockerfile /
              platforms: [linux/amd64, linux/amd64/v2]
              output: {image: "registry.kiln.local/several/it:1", tags: [latest]}
            """, "apply", "-n", "several", "-f", "-").ok();
        await("several", "Ready");
        assertThat(get("several", "{.status.build.pod}")).isEqualTo("it-1-index-0");
        assertThat(get("several", "{.status.platforms[*].build.pod}"))
                .isEqualTo("it-1-linux-amd64-0 it-1-linux-amd64-v2-0");
        String digests = get("several", "{.status.platforms[*].digest}");
        assertThat(digests.split(" ")).hasSize(2).doesNotHaveDuplicates();
        Path conf = folder.resolve("cluster/registries.conf");
        try (Registry registry =
                Registry.open(RegistrySettings.defaults(Clock.systemUTC()).withRegistriesConf(conf))) {
            ImageReference image = ImageReference.parse("registry.kiln.local/several/it:latest");
            for (String platform : List.of("linux/amd64", "linux/amd64/v2")) {
                assertThat(registry.image(image, Platform.parse(platform))
                                .descriptor()
                                .digest()
                                .toString())
                        .isIn((Object[]) digests.split(" "));
            }
            assertThat(registry.resolve(image).descriptor().digest().toString())
                    .isEqualTo(get("several", "{.status.digest}"));
        }
    }

    @Test
    void wrongResourceIsRefusedByName() throws Exception {
        Kubectl.Run refused = kubectl.runWithInput("""
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: wrong}
            spec: {source: {inline: {files: {Dockerfile: FROM scratch}}}, output: {image: a/b}, retrys: 3}
            """, "apply", "-f", "-");
        assertThat(refused.err()).contains("unknown field \"spec.retrys\"");
    }
}
