package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What Helm and Kubernetes ask of a chart.
class ChartTest {

    @Test
    void helmHasNothingToSayAgainstIt() {
        LintResult result = new Helm(Chart.FOLDER).lint().strict().call();
        assertThat(result.isFailed()).isFalse();
        assertThat(result.getMessages()).allSatisfy(m -> assertThat(m).startsWith("[INFO]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"defaults", "everything-on", "everything-off"})
    void everyObjectHasOnlyFieldsThatKubernetesKnows(String values) {
        assertThat(Chart.objects(values))
                .isNotEmpty()
                .allSatisfy(object -> assertThat(StrictReading.unknownFields(object))
                        .as("%s %s", object.path("kind"), object.at("/metadata/name"))
                        .isEmpty());
    }

    @Test
    void theDefinitionHasOnlyFieldsThatKubernetesKnows() throws IOException {
        for (JsonNode object :
                Chart.parse(Files.readString(Chart.FOLDER.resolve("crds/imagebuilds.kiln.build.yaml")))) {
            assertThat(StrictReading.unknownFields(object)).isEmpty();
        }
    }

    /// The reading itself can fail.
    @Test
    void aFieldThatKubernetesDoesNotKnowIsFound() {
        JsonNode deployment = Chart.object("defaults", "Deployment").deepCopy();
        ((ObjectNode) deployment.at("/spec/template/spec/containers/0")).put("imagePullpolicy", "Always");
        assertThat(StrictReading.unknownFields(deployment))
                .containsExactly(".spec.template.spec.containers[0].imagePullpolicy");
    }

    @Test
    void theKindsAreThese() {
        assertThat(kinds("everything-off"))
                .containsExactlyInAnyOrder(
                        "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Deployment");
        assertThat(kinds("defaults"))
                .containsExactlyInAnyOrder(
                        "ServiceAccount",
                        "ClusterRole",
                        "ClusterRoleBinding",
                        "Role",
                        "RoleBinding",
                        "Deployment",
                        "PodDisruptionBudget",
                        "Service");
        assertThat(kinds("everything-on"))
                .contains("NetworkPolicy", "ServiceMonitor", "PrometheusRule", "ConfigMap", "PodDisruptionBudget")
                .doesNotContain("ClusterRoleBinding");
    }

    private static List<String> kinds(String values) {
        return Chart.objects(values).stream().map(o -> o.path("kind").asText()).toList();
    }

    @Test
    void everyObjectSaysWhichReleaseItIsOfAndWhereItLives() {
        assertThat(Chart.objects("everything-on")).allSatisfy(object -> {
            assertThat(object.at("/metadata/labels/app.kubernetes.io~1instance").asText())
                    .isEqualTo("kiln");
            if (!object.path("kind").asText().startsWith("Cluster")) {
                assertThat(object.at("/metadata/namespace").asText()).isIn("kiln", "team-a", "team-b");
            }
        });
    }

    /// Images come from where the user says; a host that is written down here would be asked without anybody's wish.
    @Test
    void noServerIsNamed() throws IOException {
        Pattern host = Pattern.compile("\\b[a-z0-9-]+\\.(io|com|org|dev|net)\\b");
        try (Stream<Path> files = Files.walk(Chart.FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Stream<String> named = host.matcher(Files.readString(file))
                        .results()
                        .map(m -> m.group())
                        .filter(name -> !List.of(
                                        "kubernetes.io",
                                        "k8s.io",
                                        "example.com",
                                        "coreos.com",
                                        "json-schema.org",
                                        "fluxcd.io")
                                .contains(name));
                if (!file.startsWith(Chart.FOLDER.resolve("crds"))) {
                    assertThat(named).as(file.toString()).isEmpty();
                }
            }
        }
    }

    @Test
    void aNetworkPolicyWithoutANamespaceIsAnError(@TempDir Path folder) throws IOException {
        Path values = Files.writeString(folder.resolve("values.yaml"), "networkPolicy: {enabled: true}\n");
        assertThatThrownBy(() -> Chart.objects(values))
                .hasMessageContaining("networkPolicy.enabled is true, but networkPolicy.namespaces and watchNamespaces"
                        + " are empty. A policy belongs to a namespace: list in networkPolicy.namespaces those with"
                        + " ImageBuilds.");
    }

    @Test
    void theMetadataServiceIsBlockedAndTheRestOfTheNetworkIsNot() {
        List<JsonNode> policies = Chart.objectsOf("everything-on", "NetworkPolicy");
        assertThat(policies)
                .extracting(p -> p.at("/metadata/namespace").asText())
                .containsExactly("team-a", "team-b");
        assertThat(policies.getFirst().at("/spec/egress/0/to").toString())
                .isEqualTo("[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":[\"169.254.169.254/32\",\"10.0.0.0/8\"]}},"
                        + "{\"ipBlock\":{\"cidr\":\"::/0\",\"except\":[\"fd00:ec2::254/128\"]}},"
                        + "{\"namespaceSelector\":{}}]");
        assertThat(policies.getFirst().at("/spec/ingress").isEmpty()).isTrue();
    }
}
