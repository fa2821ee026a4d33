package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import build.kiln.protocol.Fault;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What the operator says while it works, line by line as it is written.
class LogKeysTest {

    private static final String SHORT = "too short";
    private static final String PUSH = "{\"ref\":\"refs/heads/main\"}";

    @TempDir
    Path secrets;

    @Test
    void everyLineAboutAnImageBuildSaysWhichOneItIs() throws Exception {
        List<JsonNode> lines = new CopyOnWriteArrayList<>();
        Logger logger = (Logger) LoggerFactory.getLogger("build.kiln.operator");
        AppenderBase<ILoggingEvent> appender = into(lines);
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
        String namespace;
        try {
            namespace = live();
        } finally {
            logger.setLevel(null);
            logger.detachAppender(appender);
        }
        assertThat(lines)
                .extracting(line -> line.path("message").asText())
                .contains(
                        "Pod web-1-0 builds the image, because the resource is new.",
                        "It broke.",
                        "Pod is deleted",
                        "The claim for the cache was made",
                        "A push makes a build due",
                        "A secret for webhooks is not used: it has less than 16 bytes");
        assertThat(lines)
                .filteredOn(line -> !line.path("logger").asText().startsWith("build.kiln.operator.app"))
                .isNotEmpty()
                .allSatisfy(line -> {
                    assertThat(line.path("namespace").asText()).as("%s", line).isEqualTo(namespace);
                    assertThat(line.path("name").asText()).as("%s", line).isEqualTo("web");
                    if (!line.path("message").asText().startsWith("A secret")) {
                        assertThat(line.path("generation").asText())
                                .as("%s", line)
                                .isIn("1", "2");
                    }
                });
    }

    /// A build that is ended by another spec, fails, and is asked for by a push.
    ///
    /// @return its namespace
    private String live() throws IOException, InterruptedException {
        TestCluster cluster = new TestCluster(Map.of(
                "KILN_HOOKS_ADDRESS",
                "127.0.0.1:0",
                "KILN_HOOKS_SECRETS",
                secrets.toString(),
                "KILN_BUILDER_CACHE_CLAIM",
                "kiln-cache"));
        try {
            String namespace = cluster.newNamespace();
            ImageBuild web = cluster.apply(namespace, "web", "");
            cluster.run(namespace, "web-1-0");
            cluster.awaitPhase(web, Phase.Building);
            cluster.changeSpec(web, "target: other");
            cluster.end(namespace, "web-2-0", failed("RunFailed", Fault.USER));
            cluster.awaitPhase(web, Phase.Failed);
            Path secret = secrets.resolve(namespace);
            Files.writeString(secret, SHORT);
            push(cluster, namespace);
            Files.writeString(secret, SHORT.repeat(2));
            push(cluster, namespace);
            cluster.end(namespace, "web-2-1", succeeded());
            cluster.awaitPhase(web, Phase.Succeeded);
            return namespace;
        } finally {
            cluster.close();
        }
    }

    private static void push(TestCluster cluster, String namespace) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            http.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + cluster.hooksPort() + "/hooks/" + namespace + "/web"))
                            .header("X-Gitlab-Event", "Push Hook")
                            .header("X-Gitlab-Token", SHORT.repeat(2))
                            .POST(HttpRequest.BodyPublishers.ofString(PUSH))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }

    private static AppenderBase<ILoggingEvent> into(List<JsonNode> lines) {
        LogLines format = new LogLines();
        ObjectMapper json = new ObjectMapper();
        return new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                try {
                    lines.add(json.readTree(format.encode(event)));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }
}
