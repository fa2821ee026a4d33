package build.kiln.local.cluster;

import static org.awaitility.Awaitility.await;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import build.kiln.local.apiserver.ApiServer;
import build.kiln.operator.app.Operator;
import build.kiln.operator.app.Settings;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// An operator that watches some namespaces, each by a watch of its own, and starts when the ImageBuilds are there.
class WatchedNamespacesIT {

    private static final List<String> NAMESPACES =
            IntStream.range(0, 4).mapToObj(i -> "team-" + i).toList();

    @Test
    void whatIsInOneNamespaceIsNotForgottenWhenAnotherIsListed() throws Exception {
        try (ApiServer server = ApiServer.start(ApiServer.Settings.ANY_PORT, Clock.systemUTC(), (_, _) -> {})) {
            server.install(Files.readAllBytes(
                    BuilderOfThisBuild.PROJECT.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml")));
            for (String namespace : NAMESPACES) {
                install(server, "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace));
                install(server, """
                    apiVersion: kiln.build/v1alpha1
                    kind: ImageBuild
                    metadata: {name: web, namespace: %s}
                    spec:
                      source: {inline: {files: {Dockerfile: "FROM scratch\\nCOPY Dockerfile /\\n"}}}
                      output: {image: "registry.example.com/web:1"}
                      suspend: true
                    """.formatted(namespace));
            }
            try (KubernetesClient client = new KubernetesClientBuilder()
                            .withConfig(new ConfigBuilder()
                                    .withMasterUrl(server.url().toString())
                                    .build())
                            .build();
                    Operator ignored = Operator.start(
                            client,
                            Settings.parse(Map.of(
                                    "KILN_BUILDER_IMAGE",
                                    "registry.example.com/kiln/builder:1",
                                    "KILN_HTTP_ADDRESS",
                                    "127.0.0.1:0",
                                    "KILN_WATCH_NAMESPACES",
                                    String.join(",", NAMESPACES))))) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> NAMESPACES.stream().allMatch(namespace -> isSuspended(client, namespace)));
            }
        }
    }

    private static void install(ApiServer server, String resource) {
        server.install(resource.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isSuspended(KubernetesClient client, String namespace) {
        ImageBuild build = client.resources(ImageBuild.class)
                .inNamespace(namespace)
                .withName("web")
                .get();
        return build.getStatus() != null && build.getStatus().phase() == Phase.Suspended;
    }
}
