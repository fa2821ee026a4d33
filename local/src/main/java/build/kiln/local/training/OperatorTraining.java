package build.kiln.local.training;

import build.kiln.local.apiserver.ApiServer;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Lets an operator, a process of its own, do what it does in a cluster: builds that succeed and fail, with pods that
/// only an API server knows of.
public final class OperatorTraining {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private static final String LOG = """
        #1 [1/1] COPY a /
        kiln:{"event":"planned","total":1,"isolation":"userns","baseImages":[]}
        kiln:{"event":"stepStarted","index":1,"total":1,"instruction":"COPY a /"}
        #1 DONE 0.1s
        """;

    private final List<Path> definitions;
    private final Clock clock;

    /// @param definitions the CustomResourceDefinitions of the cluster
    public OperatorTraining(List<Path> definitions, Clock clock) {
        this.definitions = List.copyOf(definitions);
        this.clock = clock;
    }

    /// Starts the operator, waits until all builds have ended, and stops it as a cluster does.
    ///
    /// @param command how the operator is started
    /// @return true if all builds ended in time
    public boolean run(List<String> command) throws IOException, InterruptedException {
        Path kubeconfig = Files.createTempFile("kiln-training", ".yaml");
        try (ApiServer server = ApiServer.start(ApiServer.Settings.ANY_PORT, clock, (_, source) -> {
            try (OutputStream out = source.open()) {
                out.write(LOG.getBytes(StandardCharsets.UTF_8));
            }
        })) {
            for (Path definition : definitions) {
                server.install(Files.readAllBytes(definition));
            }
            Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: training, cluster: {server: "%s"}}]
                users: [{name: training, user: {}}]
                contexts: [{name: training, context: {cluster: training, user: training, namespace: default}}]
                current-context: training
                """.formatted(server.url()));
            Process operator = start(command, kubeconfig);
            try {
                return train(server, operator);
            } finally {
                operator.destroy();
                if (!operator.waitFor(PATIENCE)) {
                    operator.destroyForcibly();
                }
            }
        } finally {
            Files.delete(kubeconfig);
        }
    }

    private static Process start(List<String> command, Path kubeconfig) throws IOException {
        ProcessBuilder operator = new ProcessBuilder(command).inheritIO();
        operator.environment().put("KUBECONFIG", kubeconfig.toString());
        operator.environment().put("KILN_BUILDER_IMAGE", "kiln.local/builder");
        operator.environment().put("KILN_BUILDER_CACHE_CLAIM", "kiln-cache");
        operator.environment().put("KILN_HTTP_ADDRESS", "127.0.0.1:0");
        operator.environment().put("KILN_LEASE_NAMESPACE", "default");
        return operator.start();
    }

    private boolean train(ApiServer server, Process operator) throws InterruptedException {
        TrainingNode node = new TrainingNode(server.resources());
        Instant end = clock.instant().plus(PATIENCE);
        for (String name : List.of("good", "bad")) {
            server.install(build(name).getBytes(StandardCharsets.UTF_8));
            while (!objects(server.resources(), "imagebuilds").allMatch(OperatorTraining::hasEnded)) {
                if (clock.instant().isAfter(end) || !operator.isAlive()) {
                    return false;
                }
                node.step();
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            }
        }
        return true;
    }

    private static boolean hasEnded(JsonNode build) {
        return ENDED.contains(build.path("status").path("phase").asText());
    }

    static Stream<JsonNode> objects(Resources resources, String plural) {
        ResourceType type = resources.types().all().stream()
                .filter(each -> each.resource().plural().equals(plural))
                .findFirst()
                .orElseThrow();
        return resources.list(type, "default").objects().stream().map(Stored::object);
    }

    private static String build(String name) {
        return """
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: %s, namespace: default}
            spec:
              source: {inline: {files: {Dockerfile: "FROM scratch\\nCOPY a /\\n", a: a}}}
              output: {image: "registry.example.com/training/%s:1", pushSecret: login}
            """.formatted(name, name);
    }
}
