package build.kiln.operator.app;

import static org.awaitility.Awaitility.await;

import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.Fault;
import build.kiln.protocol.ProgressLine;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/// An API server in memory, an operator on it, and a kubelet that does what the test says. One for all tests: each has
/// a
/// namespace of its own.
final class TestCluster {

    static final String DIGEST = "sha256:" + "5".repeat(64);

    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final String OPERATOR = "the-operator-under-test";

    /// For what comes at once, on a machine that has much else to do. What is refused is looked at again after a
    /// minute.
    static final Duration PATIENCE = Duration.ofMinutes(3);

    final KubernetesMockServer server;
    final TestAdmission admission;
    final KubernetesClient client;
    private final KubernetesClient operatorClient;
    private final AtomicLong electionClock = new AtomicLong();
    private final ElectionPulse election = new ElectionPulse(electionClock::get);
    private Operator operator;
    private final Settings settings;

    /// Held here, or the level would be forgotten with the logger.
    private static final Logger MOCK_LOG = Logger.getLogger(MockWebServer.class.getName());

    TestCluster(Map<String, String> environment) {
        MOCK_LOG.setLevel(Level.WARNING);
        Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
        admission = new TestAdmission(responses);
        server = new KubernetesMockServer(
                new Context(Serialization.jsonMapper()), new MockWebServer(), responses, admission, false);
        server.start();
        client = server.createClient();
        operatorClient = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withUserAgent(OPERATOR)
                        .build())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("election", election))
                .build();
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("KILN_BUILDER_IMAGE", "registry.example.com/kiln/builder:1");
        all.putIfAbsent("KILN_BUILDER_PLATFORM", "linux/amd64");
        all.putIfAbsent("KILN_HTTP_ADDRESS", "127.0.0.1:0");
        settings = Settings.parse(all);
        operator = start();
    }

    private Operator start() {
        try {
            return Operator.start(operatorClient, settings, election);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Another replica, which waits while the first one has the lease; its owner closes it.
    Operator startStandby() {
        return start();
    }

    int hooksPort() {
        return operator.hooksPort().orElseThrow();
    }

    int port() {
        return operator.port();
    }

    /// Status and body of what the operator's web server answers.
    String httpGet(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }

    /// The operator's election, which this cluster has none of: asks for the lease, and then no more for so long.
    void askForLease(Duration thenSilent) {
        operatorClient.leases().inNamespace("kiln").withName("kiln-operator").get();
        electionClock.addAndGet(thenSilent.toNanos());
    }

    void stopOperator() {
        operator.close();
    }

    void startOperator() {
        operator = start();
    }

    void close() {
        operator.close();
        client.close();
        operatorClient.close();
        server.destroy();
    }

    /// What the operator asked of the API server so far, each as RBAC sees it.
    Set<String> requestsOfTheOperator() {
        return new TreeSet<>(newRequestsOfTheOperator());
    }

    /// The same, one for one, since the last time.
    List<String> newRequestsOfTheOperator() {
        List<String> seen = new ArrayList<>();
        try {
            for (var r = server.takeRequest(1, TimeUnit.MILLISECONDS);
                    r != null;
                    r = server.takeRequest(1, TimeUnit.MILLISECONDS)) {
                if (OPERATOR.equals(r.getHeader("User-Agent"))) {
                    seen.add(Permissions.of(r.getMethod(), r.getPath()));
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return seen;
    }

    String newNamespace() {
        return "team-" + NAMESPACES.incrementAndGet();
    }

    /// @param spec what is said beside a volume source and an output, as YAML in flow style
    ImageBuild apply(String namespace, String name, String spec) {
        return apply(namespace, name, "source: {volume: {claimName: src}}", spec);
    }

    ImageBuild apply(String namespace, String name, String source, String spec) {
        String more = spec.isEmpty() ? "" : ", " + spec;
        ImageBuild build =
                Serialization.unmarshal("""
                    apiVersion: kiln.build/v1alpha1
                    kind: ImageBuild
                    metadata: {name: %s, namespace: %s, generation: 1}
                    spec: {%s, output: {image: "registry.example.com/%s:1"}%s}
                    """.formatted(name, namespace, source, name, more), ImageBuild.class);
        return client.resource(build).create();
    }

    ImageBuild get(ImageBuild build) {
        return Objects.requireNonNull(client.resource(build).get());
    }

    /// Changes the spec, and with it the generation, as an API server would.
    void changeSpec(ImageBuild build, String spec) {
        withoutConflict(() -> changeSpecOnce(build, spec));
    }

    /// The operator writes, too: who comes second tries again.
    private static void withoutConflict(Runnable write) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsMatching(e -> e instanceof KubernetesClientException k && k.getCode() == 409)
                .until(() -> {
                    write.run();
                    return true;
                });
    }

    private void changeSpecOnce(ImageBuild build, String spec) {
        ImageBuild now = get(build);
        ImageBuild next =
                Serialization.unmarshal("""
                    apiVersion: kiln.build/v1alpha1
                    kind: ImageBuild
                    metadata: {name: x}
                    spec: {source: {volume: {claimName: src}}, output: {image: "registry.example.com/%s:1"}, %s}
                    """.formatted(now.getMetadata().getName(), spec), ImageBuild.class);
        now.setSpec(next.getSpec());
        now.getMetadata().setGeneration(now.getMetadata().getGeneration() + 1);
        client.resource(now).update();
    }

    ImageBuildStatus awaitPhase(ImageBuild build, Phase phase) {
        return awaitStatus(build, s -> s.phase() == phase);
    }

    ImageBuildStatus awaitStatus(ImageBuild build, Predicate<ImageBuildStatus> holds) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            ImageBuild now = get(build);
                            // A status of an earlier generation says nothing of this one.
                            return now.getStatus() == null
                                            || !Objects.equals(
                                                    now.getStatus().observedGeneration(),
                                                    now.getMetadata().getGeneration())
                                    ? ImageBuildStatus.NONE
                                    : now.getStatus();
                        },
                        holds);
    }

    Pod awaitPod(String namespace, String name) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> client.pods().inNamespace(namespace).withName(name).get(), Objects::nonNull);
    }

    /// Flux: what it writes of a GitRepository "site".
    void flux(String namespace, String status) {
        GenericKubernetesResource object =
                Serialization.unmarshal("""
                apiVersion: source.toolkit.fluxcd.io/v1
                kind: GitRepository
                metadata: {name: site, namespace: %s}
                spec: {url: "https://git.example.com/site.git"}
                status: {%s}
                """.formatted(namespace, status), GenericKubernetesResource.class);
        var known = client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("source.toolkit.fluxcd.io")
                        .withVersion("v1")
                        .withKind("GitRepository")
                        .withPlural("gitrepositories")
                        .withNamespaced(true)
                        .build())
                .inNamespace(namespace);
        if (known.withName("site").get() == null) {
            known.resource(object).create();
        }
        known.resource(object).update();
        known.resource(object).updateStatus();
    }

    void awaitGone(String namespace, String pod) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> client.pods().inNamespace(namespace).withName(pod).get() == null);
    }

    List<String> podNames(String namespace) {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .map(p -> p.getMetadata().getName())
                .sorted()
                .toList();
    }

    /// The reasons of the Events of a namespace, in the order of their names.
    List<String> eventReasons(String namespace) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .map(Event::getReason)
                .sorted()
                .toList();
    }

    /// The kubelet: the pod's builder runs.
    void run(String namespace, String pod) {
        setStatus(
                namespace,
                pod,
                status -> status.withPhase("Running")
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("builder")
                                .withNewState()
                                .withNewRunning()
                                .withStartedAt(Instant.now().toString())
                                .endRunning()
                                .endState()
                                .build()));
    }

    /// The kubelet: the pod's builder left a report.
    void end(String namespace, String pod, BuildReport report) {
        boolean succeeded = report.result() instanceof BuildReport.Result.Succeeded;
        end(namespace, pod, succeeded ? 0 : 1, succeeded ? "Completed" : "Error", report.toTerminationMessage());
    }

    void end(String namespace, String pod, int exitCode, String reason, String message) {
        setStatus(
                namespace,
                pod,
                status -> status.withPhase(exitCode == 0 ? "Succeeded" : "Failed")
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("builder")
                                .withNewState()
                                .withNewTerminated()
                                .withExitCode(exitCode)
                                .withReason(reason)
                                .withMessage(message)
                                .withFinishedAt(Instant.now().toString())
                                .endTerminated()
                                .endState()
                                .build()));
    }

    void setStatus(String namespace, String pod, Consumer<PodStatusBuilder> change) {
        Pod now = awaitPod(namespace, pod);
        PodStatusBuilder status = new PodStatusBuilder(now.getStatus() == null ? new PodStatus() : now.getStatus());
        change.accept(status);
        now.setStatus(status.build());
        now.getSpec().setNodeName("node-1");
        client.resource(now).update();
        try {
            client.resource(now).updateStatus();
        } catch (KubernetesClientException e) {
            // This API server has taken the status above already, and for what it says the pod may be gone by now.
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }

    /// `Ready=True Succeeded=True`, in this order, for easy comparison.
    static String conditions(ImageBuildStatus status) {
        return status.conditions().stream()
                .map(c -> c.type() + "=" + c.status() + "/" + c.reason())
                .collect(Collectors.joining(" "));
    }

    static Condition condition(ImageBuildStatus status, String type) {
        return status.conditions().stream()
                .filter(c -> c.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no condition " + type + " in " + conditions(status)));
    }

    void annotate(ImageBuild build, String key, String value) {
        withoutConflict(() -> {
            ImageBuild now = get(build);
            now.getMetadata().getAnnotations().put(key, value);
            client.resource(now).update();
        });
    }

    /// The time for what is tried again has come; the operator is started anew, so it does not wait for it either.
    void hurry(ImageBuild build) {
        changeStatusWhileNobodyIsThere(build, "nextAttemptAt", "2026-03-01T12:00:00Z");
    }

    /// Gives a field of the status, wherever it is, another value while the operator is stopped.
    void changeStatusWhileNobodyIsThere(ImageBuild build, String field, String value) {
        stopOperator();
        String json = Serialization.asJson(get(build))
                .replaceAll("\"" + field + "\":\"[^\"]*\"", "\"" + field + "\":\"" + value + "\"");
        client.resource(Serialization.unmarshal(json, ImageBuild.class)).updateStatus();
        startOperator();
    }

    /// Waits until nothing has been written for a while.
    ///
    /// @return the resource version that it rests at
    String awaitQuiet(ImageBuild build) {
        AtomicReference<String> last = new AtomicReference<>("");
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(400))
                .until(
                        () -> {
                            String now = get(build).getMetadata().getResourceVersion();
                            return now.equals(last.getAndSet(now)) ? now : "";
                        },
                        version -> !version.isEmpty());
    }

    /// The kubelet: what the builder prints.
    void serveLog(String namespace, String pod) {
        String log = String.join(
                "\n",
                "#1 [1/2] RUN make",
                new ProgressLine.Planned(2, "userns", List.of(), null, List.of()).format(),
                finished(1, "RUN make", StepOutcome.CACHED),
                finished(2, "RUN make test", StepOutcome.RAN),
                new ProgressLine.Pushing("registry.example.com/web:1").format());
        for (String query : List.of(
                "?pretty=false&container=builder&follow=true",
                "?pretty=false&follow=true&container=builder",
                "?container=builder&follow=true")) {
            server.expect()
                    .get()
                    .withPath("/api/v1/namespaces/" + namespace + "/pods/" + pod + "/log" + query)
                    .andReturn(200, log)
                    .always();
        }
    }

    private static String finished(int index, String instruction, StepOutcome outcome) {
        return new ProgressLine.StepFinished(index, 2, new StepReport(instruction, outcome, 5, 0, null, null)).format();
    }

    static BuildReport failed(String reason, Fault fault) {
        return BuildReport.of(
                new BuildReport.Result.Failed(
                        reason, fault, "It broke.", "RUN make", 2, List.of("cc x.c", "make: *** [all] Error 2")),
                "userns",
                null,
                List.of(),
                List.of(),
                List.of());
    }

    static BuildReport succeeded() {
        return BuildReport.of(
                new BuildReport.Result.Succeeded("registry.example.com/web@" + DIGEST, DIGEST, 4711, List.of("1")),
                "userns",
                "c0ffee",
                List.of(),
                List.of(),
                List.of());
    }
}
