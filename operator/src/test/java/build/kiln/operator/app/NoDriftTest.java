package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is in git stays as it is, and what tools of GitOps know their own resources by is not on Kiln's.
class NoDriftTest {

    private static final Map<String, String> LABELS = Map.of(
            "app.kubernetes.io/instance", "shop",
            "argocd.argoproj.io/instance", "shop",
            "kustomize.toolkit.fluxcd.io/name", "images",
            "kustomize.toolkit.fluxcd.io/namespace", "flux-system",
            "helm.toolkit.fluxcd.io/name", "images");

    private static final Map<String, String> ANNOTATIONS = Map.of(
            "argocd.argoproj.io/tracking-id", "shop:kiln.build/ImageBuild:team-a/web",
            "argocd.argoproj.io/sync-wave", "-1",
            "kustomize.toolkit.fluxcd.io/prune", "disabled",
            "kubectl.kubernetes.io/last-applied-configuration", "{}");

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of("KILN_BUILDER_CACHE_CLAIM", "kiln-cache"));
    }

    @AfterAll
    static void stop() {
        assertThat(cluster.requestsOfTheOperator())
                .contains("update imagebuilds.kiln.build/status")
                .doesNotContain(
                        "create imagebuilds.kiln.build",
                        "update imagebuilds.kiln.build",
                        "patch imagebuilds.kiln.build",
                        "delete imagebuilds.kiln.build");
        cluster.close();
    }

    @Test
    void aBuildThatSucceedsLeavesTheResourceAsItWasApplied() {
        ImageBuild web = apply("");
        cluster.end(web.getMetadata().getNamespace(), "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        isAsApplied(web);
    }

    @Test
    void soDoesOneThatFails() {
        ImageBuild web = apply("");
        cluster.end(web.getMetadata().getNamespace(), "web-1-0", failed("RunFailed", Fault.USER));
        cluster.awaitPhase(web, Phase.Failed);
        isAsApplied(web);
    }

    @Test
    void andOneThatIsSuspended() {
        ImageBuild web = apply(", suspend: true");
        cluster.awaitPhase(web, Phase.Suspended);
        isAsApplied(web);
    }

    @Test
    void podsAndClaimsHaveNoLabelOrAnnotationByWhichATrackerWouldTakeThemForItsOwn() {
        ImageBuild web = apply("");
        ImageBuild several = apply(", platforms: [linux/amd64, linux/arm64]");
        cluster.run(web.getMetadata().getNamespace(), "web-1-0");
        cluster.run(several.getMetadata().getNamespace(), "web-1-linux-arm64-0");
        List<HasMetadata> made = Stream.of(web, several)
                .map(build -> build.getMetadata().getNamespace())
                .flatMap(this::madeIn)
                .toList();
        assertThat(made)
                .extracting(HasMetadata::getKind)
                .contains("Pod", "PersistentVolumeClaim")
                .hasSizeGreaterThanOrEqualTo(5);
        assertThat(made).allSatisfy(each -> {
            assertThat(keys(each.getMetadata().getLabels())).doesNotContainAnyElementsOf(LABELS.keySet());
            assertThat(keys(each.getMetadata().getAnnotations())).doesNotContainAnyElementsOf(ANNOTATIONS.keySet());
        });
    }

    private Stream<HasMetadata> madeIn(String namespace) {
        var client = cluster.client;
        return Stream.concat(
                client.pods().inNamespace(namespace).list().getItems().stream().map(HasMetadata.class::cast),
                client.persistentVolumeClaims().inNamespace(namespace).list().getItems().stream());
    }

    private static List<String> keys(Map<String, String> map) {
        return map == null ? List.of() : List.copyOf(map.keySet());
    }

    private static ImageBuild apply(String spec) {
        String namespace = cluster.newNamespace();
        ImageBuild build = Serialization.unmarshal("""
                    apiVersion: kiln.build/v1alpha1
                    kind: ImageBuild
                    metadata: {name: web, namespace: %s, generation: 1}
                    spec: {source: {volume: {claimName: src}}, output: {image: "registry.example.com/web:1"}%s}
                    """.formatted(namespace, spec), ImageBuild.class);
        build.getMetadata().setLabels(LABELS);
        build.getMetadata().setAnnotations(ANNOTATIONS);
        return cluster.client.resource(build).create();
    }

    private static void isAsApplied(ImageBuild applied) {
        ImageBuild now = cluster.get(applied);
        assertThat(Serialization.asJson(now.getSpec())).isEqualTo(Serialization.asJson(applied.getSpec()));
        assertThat(now.getMetadata().getGeneration()).isEqualTo(1);
        assertThat(now.getMetadata().getLabels()).isEqualTo(LABELS);
        assertThat(now.getMetadata().getAnnotations()).isEqualTo(ANNOTATIONS);
        assertThat(Objects.requireNonNullElse(now.getMetadata().getFinalizers(), List.of()))
                .isEmpty();
    }
}
