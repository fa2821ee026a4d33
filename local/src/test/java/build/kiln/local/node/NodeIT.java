package build.kiln.local.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.local.apiserver.ApiServer;
import build.kiln.local.apiserver.http.PodLogs;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.DeleteOptions;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIT {

    @TempDir
    Path folder;

    private ApiServer server;
    private Node node;
    private Resources resources;
    private ResourceType pods;
    private final NodeLogs logs = new NodeLogs();

    @BeforeEach
    void start() throws Exception {
        Process unshare = new ProcessBuilder("unshare", "--mount", "--pid", "--fork", "true").start();
        assumeTrue(unshare.waitFor() == 0, "this user may not make mount and pid namespaces");
        server = ApiServer.start(ApiServer.Settings.ANY_PORT, Clock.systemUTC(), logs);
        resources = server.resources();
        pods = resources.types().builtin(BuiltinTypes.PODS);
        ImageProgram shell = new ImageProgram(
                List.of("/bin/sh", "-c"), Map.of("PATH", "/usr/bin:/bin", "FROM_IMAGE", "yes"), List.of());
        NodeSettings settings = new NodeSettings("test-node", folder.resolve("node"), Map.of("test/shell", shell));
        node = Node.start(resources, settings, logs);
    }

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
            server.close();
        }
    }

    /// A pod that runs a script.
    private void run(String name, String script, String more) {
        ObjectNode pod = (ObjectNode) Json.parseYaml("""
                metadata: {name: %s, annotations: {test/request: "the request"}}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 2
                  containers:
                    - name: main
                      image: test/shell
                      env: [{name: HERE, value: there}, {name: ME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                  %s
                """.formatted(name, more).getBytes(StandardCharsets.UTF_8));
        ((ObjectNode) pod.at("/spec/containers/0")).putArray("args").add(script);
        pod.path("spec")
                .path("mounts")
                .forEach(mount -> ((ObjectNode) pod.at("/spec/containers/0"))
                        .withArray("/volumeMounts")
                        .add(mount));
        ((ObjectNode) pod.path("spec")).remove("mounts");
        resources.create(pods, "default", pod, WriteOptions.DEFAULT);
    }

    private JsonNode await(String name, Predicate<JsonNode> wanted) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> (JsonNode) resources.get(pods, "default", name).object(), wanted::test);
    }

    private JsonNode awaitEnd(String name) {
        return await(name, pod -> pod.at("/status/phase").asText().matches("Succeeded|Failed"));
    }

    private JsonNode awaitRunning(String name) {
        return await(name, pod -> pod.at("/status/phase").asText().equals("Running"));
    }

    private String log(String name) throws Exception {
        return log(name, PodLogs.End.WITH_CONTAINER, PodLogs.Lines.PLAIN, -1);
    }

    private String log(String name, PodLogs.End end, PodLogs.Lines lines, long tail) throws Exception {
        Stored pod = resources.get(pods, "default", name);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        logs.copy(
                new PodLogs.Query("default", name, Metadata.uid(pod.object()), "", end, lines, tail, null, -1),
                () -> out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private String events(String name) {
        StringBuilder text = new StringBuilder();
        resources.list(resources.types().builtin(BuiltinTypes.EVENTS), "default").objects().stream()
                .filter(event ->
                        event.object().at("/involvedObject/name").asText().equals(name))
                .forEach(event -> text.append(event.object().path("reason").asText())
                        .append(": ")
                        .append(event.object().path("message").asText())
                        .append('\n'));
        return text.toString();
    }

    @Test
    void podSucceedsWithLogAndTerminationMessage() throws Exception {
        run("ok", "echo $HERE $ME $FROM_IMAGE; echo oops >&2; printf report >/dev/termination-log", "");
        JsonNode pod = awaitEnd("ok");
        assertThat(pod.at("/status/phase").asText()).isEqualTo("Succeeded");
        JsonNode terminated = pod.at("/status/containerStatuses/0/state/terminated");
        assertThat(terminated.path("reason").asText()).isEqualTo("Completed");
        assertThat(terminated.path("message").asText()).isEqualTo("report");
        assertThat(log("ok")).isEqualTo("there ok yes\noops\n");
        assertThat(log("ok", PodLogs.End.NOW, PodLogs.Lines.PLAIN, 1)).isEqualTo("oops\n");
        assertThat(log("ok", PodLogs.End.NOW, PodLogs.Lines.WITH_TIME, 1)).matches("20\\S+Z oops\n");
        assertThat(events("ok").lines().map(line -> line.substring(0, line.indexOf(':'))))
                .containsExactlyInAnyOrder("Scheduled", "Pulled", "Started");
    }

    @Test
    void exitCodeFailsThePod() {
        run("bad", "exit 3", "");
        JsonNode pod = awaitEnd("bad");
        assertThat(pod.at("/status/phase").asText()).isEqualTo("Failed");
        assertThat(pod.at("/status/containerStatuses/0/state/terminated/exitCode")
                        .asInt())
                .isEqualTo(3);
        assertThat(pod.at("/status/containerStatuses/0/state/terminated/reason").asText())
                .isEqualTo("Error");
    }

    @Test
    void containerSeesItsVolumesAndNothingElseOfTheMachine() throws Exception {
        Files.writeString(folder.resolve("private"), "not for pods");
        ObjectNode secret = (ObjectNode) Json.parseYaml(
                "{metadata: {name: s}, stringData: {user: me, password: word}}".getBytes(StandardCharsets.UTF_8));
        resources.create(resources.types().builtin(BuiltinTypes.SECRETS), "default", secret, WriteOptions.DEFAULT);
        ObjectNode claim = (ObjectNode) Json.parseYaml(("{metadata: {name: c}, spec: {accessModes: [ReadWriteOnce],"
                        + " resources: {requests: {storage: 1Gi}}}}")
                .getBytes(StandardCharsets.UTF_8));
        resources.create(resources.types().builtin(BuiltinTypes.CLAIMS), "default", claim, WriteOptions.DEFAULT);
        String volumes = """
                volumes:
                    - {name: r, downwardAPI: {items: [{path: request.txt, fieldRef: {fieldPath: "metadata.annotations['test/request']"}}]}}
                    - {name: s, secret: {secretName: s, defaultMode: 256}}
                    - {name: o, secret: {secretName: none, optional: true}}
                    - {name: c, persistentVolumeClaim: {claimName: c}}
                    - {name: w, emptyDir: {}}
                  mounts:
                    - {name: r, mountPath: /kiln/request, readOnly: true}
                    - {name: s, mountPath: /kiln/secrets/push, readOnly: true}
                    - {name: o, mountPath: /kiln/secrets/git, readOnly: true}
                    - {name: c, mountPath: /kiln/cache}
                    - {name: w, mountPath: /kiln/work}
                """;
        run("sees", """
                cat /kiln/request/request.txt; echo
                cat /kiln/secrets/push/user; stat -c ' %%a' /kiln/secrets/push/user
                ls /kiln/secrets/git | wc -l
                touch /kiln/request/x 2>/dev/null || echo read-only
                touch /usr/x 2>/dev/null || echo usr read-only
                echo kept >/kiln/cache/file; touch /kiln/work/file
                ls -d %s /home /work 2>/dev/null
                ls /root; ls /proc | grep -c '^[0-9]'; hostname
                """.formatted(folder), volumes);
        awaitEnd("sees");
        assertThat(log("sees").lines())
                .containsExactly(
                        "the request", "me 400", "0", "read-only", "usr read-only", Long.toString(processes()), "sees");
        run("later", "cat /kiln/cache/file", volumes);
        awaitEnd("later");
        assertThat(log("later")).isEqualTo("kept\n");
    }

    /// The shell, ls and grep: /proc shows the pod's own processes alone.
    private static long processes() {
        return 3;
    }

    @Test
    void containerMayMakeAFullUserNamespaceAndHasNoOtherPower() throws Exception {
        String enter = Path.of("..", "builder", "src", "main", "sh", "enter-namespaces")
                .toAbsolutePath()
                .normalize()
                .toString();
        ObjectNode pod = (ObjectNode) Json.parseYaml("""
                metadata: {name: nested}
                spec:
                  containers:
                    - name: main
                      image: test/shell
                      args: ["mount -t tmpfs x /mnt 2>/dev/null || echo no mounts; sh /kiln/script/enter cat /proc/self/uid_map; sh /kiln/script/enter sh -c 'mount -t tmpfs x /tmp && echo mounted; unshare -p -m -f mount -t proc p /proc && echo proc'"]
                      securityContext: {capabilities: {drop: [ALL], add: [SETUID, SETGID, SETFCAP, CHOWN, DAC_OVERRIDE, FOWNER]}}
                      volumeMounts: [{name: script, mountPath: /kiln/script}]
                  volumes: [{name: script, configMap: {name: script}}]
                """.getBytes(StandardCharsets.UTF_8));
        ObjectNode script = Json.object();
        Metadata.of(script).put("name", "script");
        script.putObject("data").put("enter", Files.readString(Path.of(enter)));
        resources.create(resources.types().builtin(BuiltinTypes.CONFIG_MAPS), "default", script, WriteOptions.DEFAULT);
        resources.create(pods, "default", pod, WriteOptions.DEFAULT);
        awaitEnd("nested");
        assertThat(log("nested").lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly("no mounts", "0 0 65536", "mounted", "proc");
    }

    @Test
    void missingSecretHoldsThePodUntilItComes() {
        run("waits", "cat /s/a", """
                volumes: [{name: s, secret: {secretName: late}}]
                  mounts: [{name: s, mountPath: /s}]
                """);
        Awaitility.await()
                .untilAsserted(() -> assertThat(events("waits"))
                        .contains("FailedMount: MountVolume.SetUp failed: secret \"late\" not found"));
        assertThat(resources
                        .get(pods, "default", "waits")
                        .object()
                        .at("/status/containerStatuses/0/state/waiting/reason")
                        .asText())
                .isEqualTo("ContainerCreating");
        ObjectNode secret = (ObjectNode)
                Json.parseYaml("{metadata: {name: late}, stringData: {a: b}}".getBytes(StandardCharsets.UTF_8));
        resources.create(resources.types().builtin(BuiltinTypes.SECRETS), "default", secret, WriteOptions.DEFAULT);
        assertThat(awaitEnd("waits").at("/status/phase").asText()).isEqualTo("Succeeded");
    }

    @Test
    void unknownImageIsAnErrImagePull() {
        ObjectNode pod =
                (ObjectNode) Json.parseYaml("{metadata: {name: p}, spec: {containers: [{name: a, image: no/such}]}}"
                        .getBytes(StandardCharsets.UTF_8));
        resources.create(pods, "default", pod, WriteOptions.DEFAULT);
        JsonNode waiting = await(
                        "p",
                        each -> each.at("/status/containerStatuses/0/state/waiting/reason")
                                .asText()
                                .equals("ErrImagePull"))
                .at("/status/containerStatuses/0/state/waiting");
        assertThat(waiting.path("message").asText())
                .isEqualTo("image \"no/such\" is not on this node, which pulls none; it has [test/shell]");
        delete("p", OptionalLong.empty());
        awaitGone("p");
    }

    @Test
    void podThatNoNodeFitsStaysUnscheduled() {
        run("far", "true", "nodeSelector: {kubernetes.io/arch: s390x}");
        JsonNode pod = await("far", each -> !each.at("/status/conditions").isEmpty());
        assertThat(pod.at("/status/conditions/0/reason").asText()).isEqualTo("Unschedulable");
        assertThat(events("far")).contains("FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match");
    }

    @Test
    void deletedPodIsAskedToEndAndThenGone() throws Exception {
        Path claim = newClaim();
        run("polite", "trap 'echo bye >/c/bye; exit 0' TERM; touch /c/up; while :; do sleep 0.05; done", CLAIM);
        Awaitility.await().until(() -> Files.exists(claim.resolve("up")));
        delete("polite", OptionalLong.empty());
        awaitGone("polite");
        assertThat(claim.resolve("bye")).hasContent("bye");
    }

    @Test
    void podThatDoesNotListenIsKilledWithAllItsChildren() throws Exception {
        Path claim = newClaim();
        run(
                "deaf",
                "(setsid sh -c 'while :; do date +%s%N >/c/alive; sleep 0.05; done' &) ; touch /c/up; sleep 1000",
                CLAIM);
        Awaitility.await().until(() -> Files.exists(claim.resolve("alive")));
        long start = System.nanoTime();
        delete("deaf", OptionalLong.of(1));
        awaitGone("deaf");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
        String last = Files.readString(claim.resolve("alive"));
        Thread.sleep(300);
        assertThat(claim.resolve("alive")).hasContent(last);
    }

    @Test
    void podThatOutlivesItsDeadlineFails() {
        run("long", "exec sleep 1000", "activeDeadlineSeconds: 1");
        JsonNode pod = awaitEnd("long");
        assertThat(pod.at("/status/phase").asText()).isEqualTo("Failed");
        assertThat(pod.at("/status/reason").asText()).isEqualTo("DeadlineExceeded");
        assertThat(pod.at("/status/containerStatuses/0/state/terminated/exitCode")
                        .asInt())
                .as("SIGKILL, since process 1 of a namespace does not hear a SIGTERM that it has no handler for")
                .isEqualTo(137);
    }

    @Test
    void podThatTakesMoreMemoryThanItMaySaysSo() throws Exception {
        assumeTrue(
                Files.isWritable(Path.of("/sys/fs/cgroup/memory"))
                        || Files.exists(Path.of("/sys/fs/cgroup/memory.max")),
                "this user may not make control groups");
        ObjectNode pod = (ObjectNode) Json.parseYaml("""
                metadata: {name: eater}
                spec:
                  containers:
                    - name: main
                      image: test/shell
                      args: ["tail /dev/zero"]
                      resources: {limits: {memory: 64Mi}}
                """.getBytes(StandardCharsets.UTF_8));
        resources.create(pods, "default", pod, WriteOptions.DEFAULT);
        assertThat(awaitEnd("eater")
                        .at("/status/containerStatuses/0/state/terminated/reason")
                        .asText())
                .as(log("eater"))
                .isEqualTo("OOMKilled");
    }

    @Test
    void closingTheNodeKillsWhatRuns() throws Exception {
        Path claim = newClaim();
        run("runs", "while :; do date +%s%N >/c/alive; sleep 0.05; done", CLAIM);
        Awaitility.await().until(() -> Files.exists(claim.resolve("alive")));
        node.close();
        String last = Files.readString(claim.resolve("alive"));
        Thread.sleep(300);
        assertThat(claim.resolve("alive")).hasContent(last);
    }

    @Test
    void logIsFollowedWhileThePodRuns() throws Exception {
        Path claim = newClaim();
        run("talks", "echo one; while [ ! -e /c/go ]; do sleep 0.05; done; echo two", CLAIM);
        awaitRunning("talks");
        Awaitility.await()
                .until(() ->
                        log("talks", PodLogs.End.NOW, PodLogs.Lines.PLAIN, -1).equals("one\n"));
        Thread reader = Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(200);
                Files.createFile(claim.resolve("go"));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(log("talks")).isEqualTo("one\ntwo\n");
        reader.join();
    }

    private static final String CLAIM = """
            volumes: [{name: c, persistentVolumeClaim: {claimName: c}}]
              mounts: [{name: c, mountPath: /c}]
            """;

    private Path newClaim() {
        ObjectNode claim = (ObjectNode) Json.parseYaml(("{metadata: {name: c}, spec: {accessModes: [ReadWriteOnce],"
                        + " resources: {requests: {storage: 1Gi}}}}")
                .getBytes(StandardCharsets.UTF_8));
        ObjectNode created = resources
                .create(resources.types().builtin(BuiltinTypes.CLAIMS), "default", claim, WriteOptions.DEFAULT)
                .object();
        return folder.resolve("node").resolve("claims").resolve("pvc-" + Metadata.uid(created));
    }

    private void delete(String name, OptionalLong grace) {
        DeleteOptions options =
                new DeleteOptions(DeleteOptions.Propagation.BACKGROUND, grace, "", "", WriteOptions.Persistence.STORE);
        resources.delete(pods, "default", name, options);
    }

    private void awaitGone(String name) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> resources.find(pods, "default", name).isEmpty());
    }
}
