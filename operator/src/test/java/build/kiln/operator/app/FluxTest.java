package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.condition;
import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.HistoryEntry;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.Fault;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// ImageBuilds whose source is a Flux object.
class FluxTest {

    private static final String SOURCE = "source: {flux: {kind: GitRepository, name: site}}";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of("KILN_FLUX_SOURCES", "watched"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aBuildWaitsForTheArtifactAndIsBuiltAgainWithTheNextOne() throws Exception {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", SOURCE, "");
        ImageBuildStatus missing = cluster.awaitStatus(web, s -> s.phase() == Phase.Queued);
        assertThat(condition(missing, "Stalled").reason()).isEqualTo("FluxSourceMissing");
        assertThat(condition(missing, "Stalled").message())
                .isEqualTo(
                        "There is no GitRepository site in namespace " + namespace
                                + " (spec.source.flux). Create it, or correct its kind and name; the build starts by itself when it is there.");
        cluster.flux(namespace, "conditions: [{type: Ready, status: 'False', message: 'failed to clone: no route.'}]");
        ImageBuildStatus waiting =
                cluster.awaitStatus(web, s -> condition(s, "Ready").reason().equals("FluxSourceNotReady"));
        assertThat(condition(waiting, "Reconciling").message())
                .isEqualTo("GitRepository site has no artifact yet: failed to clone: no route.");
        assertThat(cluster.podNames(namespace)).isEmpty();
        cluster.flux(namespace, artifact("1"));
        assertThat(source(namespace, "web-1-0"))
                .isEqualTo(new BuildRequest.Source.Flux(
                        "GitRepository site",
                        "http://source-controller.flux-system/site/1.tar.gz",
                        "sha256:" + "1".repeat(64),
                        "main@sha1:1"));
        cluster.end(namespace, "web-1-0", succeeded());
        ImageBuildStatus built = cluster.awaitPhase(web, Phase.Succeeded);
        assertThat(Objects.requireNonNull(built.build()).artifactDigest()).isEqualTo("sha256:" + "1".repeat(64));
        cluster.flux(namespace, artifact("1") + ", observedGeneration: 2");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        cluster.flux(namespace, artifact("2"));
        assertThat(source(namespace, "web-1-1")).extracting("revision").isEqualTo("main@sha1:2");
        assertThat(cluster.awaitPhase(web, Phase.Building)
                        .conditions()
                        .getFirst()
                        .message())
                .isEqualTo("Pod web-1-1 builds the image, because the source has a new revision.");
        cluster.end(namespace, "web-1-1", failed("RunFailed", Fault.USER));
        cluster.awaitPhase(web, Phase.Failed);
        cluster.flux(namespace, artifact("3"));
        cluster.end(namespace, "web-1-2", succeeded());
        assertThat(cluster.awaitStatus(web, s -> s.history().size() == 3).history())
                .extracting(HistoryEntry::reason)
                .containsExactly("SourceRevision", "SourceRevision", "Created");
    }

    @Test
    void anArtifactThatIsGoneIsTriedAgainWithTheOneThatThereIsThen() throws Exception {
        String namespace = cluster.newNamespace();
        cluster.flux(namespace, artifact("1"));
        ImageBuild web = cluster.apply(namespace, "web", SOURCE, "");
        cluster.run(namespace, "web-1-0");
        cluster.flux(namespace, artifact("2"));
        cluster.end(namespace, "web-1-0", failed("SourceUnavailable", Fault.REMOTE));
        cluster.awaitStatus(web, s -> s.build() != null && s.build().nextAttemptAt() != null);
        cluster.hurry(web);
        assertThat(source(namespace, "web-1-1")).extracting("revision").isEqualTo("main@sha1:2");
        cluster.end(namespace, "web-1-1", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0", "web-1-1");
    }

    @Test
    void platformsThatGotDifferentArtifactsAreBuiltAgainFromOne() throws Exception {
        String namespace = cluster.newNamespace();
        cluster.flux(namespace, artifact("1"));
        ImageBuild web = cluster.apply(namespace, "web", SOURCE, "platforms: [linux/amd64, linux/arm64]");
        for (int attempt = 0; attempt < 2; attempt++) {
            String digest = "sha256:" + String.valueOf(attempt + 1).repeat(64);
            assertThat(source(namespace, "web-1-linux-amd64-" + attempt))
                    .extracting("digest")
                    .isEqualTo(digest);
            assertThat(source(namespace, "web-1-linux-arm64-" + attempt))
                    .extracting("digest")
                    .isEqualTo(digest);
            if (attempt == 0) {
                cluster.flux(namespace, artifact("2"));
            }
            cluster.end(namespace, "web-1-linux-amd64-" + attempt, succeeded());
            cluster.end(namespace, "web-1-linux-arm64-" + attempt, succeeded());
            cluster.end(namespace, "web-1-index-" + attempt, succeeded());
        }
        assertThat(cluster.awaitStatus(web, s -> s.history().size() == 2).history())
                .extracting(HistoryEntry::reason)
                .containsExactly("SourceRevision", "Created");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).hasSize(6);
    }

    private static BuildRequest.Source source(String namespace, String pod) throws Exception {
        String request =
                cluster.awaitPod(namespace, pod).getMetadata().getAnnotations().get("kiln.build/request");
        return BuildRequest.parse(Objects.requireNonNull(request)).source();
    }

    private static String artifact(String number) {
        return "artifact: {url: 'http://source-controller.flux-system/site/%s.tar.gz', digest: 'sha256:%s', revision: 'main@sha1:%s'}"
                .formatted(number, number.repeat(64), number);
    }
}
