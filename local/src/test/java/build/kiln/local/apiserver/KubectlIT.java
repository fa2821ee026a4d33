package build.kiln.local.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.local.Kubectl;
import build.kiln.local.apiserver.http.PodLogs;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubectlIT {

    private static final String KETTLE = """
            apiVersion: kitchen.test/v1
            kind: Kettle
            metadata: {name: one, labels: {app: tea}}
            spec: {litres: 2, maker: Acme, parts: [{name: lid}]}
            """;

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: cook}
            spec: {containers: [{name: main, image: kitchen/cook:1}]}
            """;

    @TempDir
    Path folder;

    private final CountDownLatch secondLine = new CountDownLatch(1);
    private ApiServer server;
    private Kubectl kubectl;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Kubectl.isInstalled(), "kubectl is not installed");
        server = ApiServer.start(new ApiServer.Settings(0, "/word"), Clock.systemUTC(), this::copyLog);
        try (InputStream crd = Objects.requireNonNull(getClass().getResourceAsStream("kettles.yaml"))) {
            server.install(crd.readAllBytes());
        }
        kubectl = new Kubectl(folder, server.url().toString());
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private void copyLog(PodLogs.Query query, PodLogs.OutputSource source) throws IOException, InterruptedException {
        try (OutputStream out = source.open()) {
            out.write("first\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            if (query.end() == PodLogs.End.WITH_CONTAINER) {
                assertThat(secondLine.await(10, TimeUnit.SECONDS)).isTrue();
                out.write("second\n".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void appliesOnTheClientsSideWithValidation() throws Exception {
        String kettle = KETTLE.replace(", parts: [{name: lid}]", "");
        assertThat(apply(kettle).ok().out()).isEqualTo("kettle.kitchen.test/one created\n");
        assertThat(apply(kettle).ok().out()).isEqualTo("kettle.kitchen.test/one unchanged\n");
        assertThat(apply(kettle.replace("litres: 2", "litres: 3")).ok().out())
                .isEqualTo("kettle.kitchen.test/one configured\n");
        assertThat(get("{.spec.litres} {.metadata.generation}")).isEqualTo("3 2");
    }

    @Test
    void appliesOnTheServersSideAndTakesBackWhatIsNoLongerApplied() throws Exception {
        assertThat(apply(KETTLE, "--server-side").ok().out()).isEqualTo("kettle.kitchen.test/one serverside-applied\n");
        apply(KETTLE.replace("maker: Acme, parts: [{name: lid}]", "parts: [{name: handle}]"), "--server-side")
                .ok();
        assertThat(get("{.spec.maker}|{.spec.parts}")).isEqualTo("|[{\"count\":1,\"name\":\"handle\"}]");
    }

    @Test
    void refusesUnknownFieldsAndWrongValuesByName() throws Exception {
        assertThat(apply(KETTLE.replace("litres", "liters")).err())
                .contains("strict decoding error: unknown field \"spec.liters\"");
        assertThat(apply(KETTLE.replace("litres: 2", "litres: 12")).err())
                .contains("The Kettle \"one\" is invalid: spec.litres: Invalid value: 12: spec.litres in body should be"
                        + " less than or equal to 9");
        assertThat(apply(KETTLE.replace("litres: 2", "litres: 12, colour: green"))
                        .err())
                .contains("* spec.colour: Unsupported value: \"green\": supported values: \"red\", \"blue\"");
        Kubectl.Run warned = apply(KETTLE.replace("litres: 2", "litres: 2, lid: 1"), "--validate=warn")
                .ok();
        assertThat(warned.err()).contains("Warning: unknown field \"spec.lid\"");
    }

    @Test
    void printsTheColumnsOfTheDefinition() throws Exception {
        apply(KETTLE).ok();
        assertThat(kubectl.run("get", "kettles").ok().out().lines().map(KubectlIT::squeezed))
                .first()
                .isEqualTo("NAME READY LITRES AGE");
        assertThat(kubectl.run("get", "kt", "-o", "wide").ok().out().lines().map(KubectlIT::squeezed))
                .element(0)
                .isEqualTo("NAME READY LITRES MAKER AGE");
        assertThat(kubectl.run("get", "kitchen", "--no-headers").ok().out()).startsWith("one");
        assertThat(kubectl.run("get", "kettle", "one", "-o", "yaml").ok().out()).contains("colour: red");
        assertThat(kubectl.run("get", "kettle", "-A", "-l", "app in (tea,coffee)", "-o", "name")
                        .ok()
                        .out())
                .isEqualTo("kettle.kitchen.test/one\n");
        assertThat(kubectl.run("get", "kettle", "two").err())
                .isEqualTo("Error from server (NotFound): kettles.kitchen.test \"two\" not found\n");
    }

    @Test
    void watchShowsChangesAsTheyCome() throws Exception {
        apply(KETTLE).ok();
        Process watching = kubectl.start("get", "kettles", "-w", "--no-headers");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watching.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(squeezed(lines.readLine())).startsWith("one 2");
            makeReady("one");
            assertThat(squeezed(lines.readLine())).startsWith("one True 2");
        } finally {
            watching.destroy();
        }
    }

    @Test
    void waitEndsWithTheCondition() throws Exception {
        apply(KETTLE).ok();
        Process waiting = kubectl.start("wait", "--for=condition=Ready", "kettle/one", "--timeout=20s");
        makeReady("one");
        assertThat(waiting.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("kettle.kitchen.test/one condition met\n");
    }

    @Test
    void describesWithEvents() throws Exception {
        apply(KETTLE).ok();
        ObjectNode event = (ObjectNode)
                Json.parseYaml("""
                metadata: {generateName: one-}
                regarding: {kind: Kettle, name: one, namespace: default, apiVersion: kitchen.test/v1, uid: %s}
                reason: Boiled
                note: Water is hot
                type: Normal
                reportingController: cook
                eventTime: "2026-01-01T00:00:00.000000Z"
                """.formatted(get("{.metadata.uid}")).getBytes(StandardCharsets.UTF_8));
        Resources resources = server.resources();
        resources.create(resources.types().builtin(BuiltinTypes.NEW_EVENTS), "default", event, WriteOptions.DEFAULT);
        assertThat(kubectl.run("describe", "kettle", "one").ok().out()).contains("Boiled", "Water is hot");
        assertThat(kubectl.run("get", "events").ok().out()).contains("kettle/one", "Boiled");
        assertThat(kubectl.run("events", "--for", "kettle/one").ok().out()).contains("Boiled");
    }

    @Test
    void editsMetadataAndStatus() throws Exception {
        apply(KETTLE).ok();
        kubectl.run("label", "kettle", "one", "a=b").ok();
        kubectl.run("annotate", "kettle", "one", "c=d").ok();
        makeReady("one");
        kubectl.run("patch", "kettle", "one", "--type=merge", "-p", "{\"status\":{\"phase\":\"Stolen\"}}")
                .ok();
        kubectl.run(
                        "patch",
                        "kettle",
                        "one",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"replace\",\"path\":\"/spec/litres\",\"value\":4}]")
                .ok();
        assertThat(
                        get(
                                "{.metadata.labels.a}{.metadata.annotations.c} {.status.phase} {.spec.litres} {.metadata.generation}"))
                .isEqualTo("bd Hot 4 2");
    }

    @Test
    void deletesAndWaitsForTheEnd() throws Exception {
        apply(KETTLE).ok();
        assertThat(kubectl.run("delete", "kettle", "one").ok().out()).contains("deleted");
        apply(KETTLE.replace("name: one,", "name: one, finalizers: [kitchen.test/wait],"))
                .ok();
        Process deleting = kubectl.start("delete", "kettle", "one");
        assertThat(deleting.waitFor(1, TimeUnit.SECONDS)).isFalse();
        kubectl.run("patch", "kettle", "one", "--type=merge", "-p", "{\"metadata\":{\"finalizers\":null}}")
                .ok();
        assertThat(deleting.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(kubectl.run("get", "kettle", "one").exitCode()).isEqualTo(1);
    }

    @Test
    void createsWhatItSendsInProtocolBuffers() throws Exception {
        kubectl.run("create", "namespace", "team").ok();
        kubectl.run(
                        "create",
                        "secret",
                        "docker-registry",
                        "reg",
                        "-n",
                        "team",
                        "--docker-server=r.test",
                        "--docker-username=u",
                        "--docker-password=p")
                .ok();
        kubectl.run("create", "secret", "generic", "plain", "-n", "team", "--from-literal=a=b")
                .ok();
        kubectl.run("create", "configmap", "words", "-n", "team", "--from-literal=a=b")
                .ok();
        kubectl.run("create", "serviceaccount", "cook", "-n", "team").ok();
        assertThat(kubectl.run("get", "secret", "reg", "-n", "team", "-o", "jsonpath={.type}")
                        .ok()
                        .out())
                .isEqualTo("kubernetes.io/dockerconfigjson");
        assertThat(kubectl.run("get", "secret", "plain", "-n", "team", "-o", "jsonpath={.data.a}")
                        .ok()
                        .out())
                .isEqualTo("Yg==");
        assertThat(kubectl.run("auth", "can-i", "create", "pods").ok().out()).isEqualTo("yes\n");
        assertThat(kubectl.run("create", "configmap", "words", "-n", "nowhere").err())
                .contains("namespaces \"nowhere\" not found");
        kubectl.run("delete", "namespace", "team").ok();
        assertThat(kubectl.run("get", "all,secret,cm,sa", "-n", "team", "-o", "name")
                        .ok()
                        .out())
                .isEmpty();
    }

    @Test
    void showsPodsAndFollowsTheirLogs() throws Exception {
        apply(POD).ok();
        assertThat(kubectl.run("get", "pods", "--no-headers").ok().out()).contains("cook   0/1   Pending   0");
        assertThat(kubectl.run("get", "all").ok().out()).contains("cook");
        assertThat(kubectl.run("describe", "pod", "cook").ok().out()).contains("kitchen/cook:1");
        assertThat(kubectl.run("logs", "cook").ok().out()).isEqualTo("first\n");
        Process logs = kubectl.start("logs", "-f", "cook");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(logs.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("first");
            secondLine.countDown();
            assertThat(lines.readLine()).isEqualTo("second");
            assertThat(lines.readLine()).isNull();
        }
        kubectl.run("label", "pod", "cook", "x=y").ok();
        apply(POD).ok();
        kubectl.run("delete", "pod", "cook", "--grace-period=0", "--force").ok();
    }

    @Test
    void explainsTheSchemaAndWritesNothingOnADryRun() throws Exception {
        assertThat(kubectl.run("explain", "kettle.spec.litres").ok().out()).contains("How much it holds.");
        apply(KETTLE, "--dry-run=server").ok();
        apply(KETTLE, "--dry-run=server", "--server-side").ok();
        assertThat(kubectl.run("get", "kettles", "-o", "name").ok().out()).isEmpty();
        assertThat(kubectl.runWithInput(KETTLE, "diff", "-f", "-").exitCode()).isEqualTo(1);
        assertThat(kubectl.run("get", "crd", "-o", "name").ok().out()).contains("kettles.kitchen.test");
        assertThat(kubectl.run("version").ok().out()).contains("Server Version: v1.32.0");
    }

    private Kubectl.Run apply(String yaml, String... flags) throws Exception {
        String[] arguments = new String[flags.length + 3];
        System.arraycopy(flags, 0, arguments, 3, flags.length);
        arguments[0] = "apply";
        arguments[1] = "-f";
        arguments[2] = "-";
        return kubectl.runWithInput(yaml, arguments);
    }

    private String get(String path) throws Exception {
        return kubectl.run("get", "kettle", "one", "-o", "jsonpath=" + path)
                .ok()
                .out();
    }

    private void makeReady(String name) throws Exception {
        String status = "{\"status\":{\"observedGeneration\":1,\"phase\":\"Hot\","
                + "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}";
        kubectl.run("patch", "kettle", name, "--subresource=status", "--type=merge", "-p", status)
                .ok();
    }

    private static String squeezed(String line) {
        return line.strip().replaceAll(" +", " ");
    }
}
