package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.app.Settings;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The operator's Deployment.
class OperatorPodTest {

    @ParameterizedTest
    @ValueSource(strings = {"defaults", "everything-on", "everything-off"})
    void theOperatorTakesItsSettings(String values, @TempDir Path folder) throws IOException {
        Map<String, String> environment = environment(values);
        mounted(values, folder)
                .forEach((path, file) ->
                        environment.replaceAll((_, value) -> value.equals(path) ? file.toString() : value));
        Settings settings = Settings.parse(environment);
        assertThat(settings.leaseNamespace()).contains("kiln");
        assertThat(settings.http().getPort())
                .isEqualTo(container(values).at("/ports/0/containerPort").asInt());
    }

    @Test
    void aChangeOfTheFilesForBuildersStartsTheOperatorAnew(@TempDir Path folder) throws IOException {
        JsonNode template = Chart.object("everything-on", "Deployment").at("/spec/template/metadata/annotations");
        assertThat(template.path("checksum/builder-files").asText()).matches("[0-9a-f]{64}");
        Path values = Files.writeString(folder.resolve("values.yaml"), "builder: {registriesConf: other}\n");
        assertThat(Chart.objects(values))
                .filteredOn(o -> o.path("kind").asText().equals("Deployment"))
                .singleElement()
                .satisfies(d -> assertThat(d.at("/spec/template/metadata/annotations/checksum~1builder-files")
                                .asText())
                        .matches("[0-9a-f]{64}")
                        .isNotEqualTo(template.path("checksum/builder-files").asText()));
    }

    /// `docs/operator.md` has all of them; a test of the operator sees to that.
    @Test
    void everySettingCanBeMade() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operator.md"));
        List<String> settings = Pattern.compile("(?m)^\\| `((?:KILN|OTEL)_[A-Z_]+)` \\|")
                .matcher(page)
                .results()
                .map((MatchResult m) -> m.group(1))
                .toList();
        assertThat(environment("everything-on").keySet()).containsExactlyInAnyOrderElementsOf(settings);
    }

    /// Pod Security "restricted", item by item, and a root that nobody can write to.
    @ParameterizedTest
    @ValueSource(strings = {"defaults", "everything-on", "everything-off"})
    void podSecurityRestrictedAdmitsIt(String values) {
        JsonNode pod = pod(values);
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(65532);
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(pod.path("hostNetwork").isMissingNode()).isTrue();
        assertThat(pod.path("containers")).hasSize(1);
        assertThat(pod.path("initContainers").isMissingNode()).isTrue();
        JsonNode rights = container(values).path("securityContext");
        assertThat(rights.toString())
                .isEqualTo("{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
                        + "\"capabilities\":{\"drop\":[\"ALL\"]}}");
        // The Secret of the webhooks is the only one, and read-only.
        pod.path("volumes")
                .forEach(volume -> assertThat(volume.has("configMap")
                                || volume.at("/secret/secretName").asText().equals("kiln-hooks"))
                        .isTrue());
        container(values)
                .path("volumeMounts")
                .forEach(mount -> assertThat(mount.path("readOnly").asBoolean()).isTrue());
    }

    @Test
    void aServiceNamedKilnGivesItNoSettings() {
        assertThat(pod("defaults").path("enableServiceLinks").asBoolean(true)).isFalse();
    }

    @Test
    void probesAskWhatTheOperatorServes() {
        JsonNode container = container("defaults");
        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/healthz");
        assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/readyz");
        assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/healthz");
    }

    @Test
    void replicasLieOnDifferentNodesAndOneOfThemStays() {
        JsonNode spec = Chart.object("defaults", "Deployment").path("spec");
        assertThat(spec.path("replicas").asInt()).isEqualTo(2);
        JsonNode selector = spec.at("/selector/matchLabels");
        JsonNode spread = spec.at("/template/spec/topologySpreadConstraints/0");
        assertThat(spread.path("topologyKey").asText()).isEqualTo("kubernetes.io/hostname");
        assertThat(spread.at("/labelSelector/matchLabels")).isEqualTo(selector);
        JsonNode budget = Chart.object("defaults", "PodDisruptionBudget").path("spec");
        assertThat(budget.path("maxUnavailable").asInt()).isEqualTo(1);
        assertThat(budget.at("/selector/matchLabels")).isEqualTo(selector);
        selector.properties()
                .forEach(
                        label -> assertThat(spec.at("/template/metadata/labels").get(label.getKey()))
                                .isEqualTo(label.getValue()));
    }

    @Test
    void theImagesAreThoseOfKilnImages() throws IOException {
        String version = Chart.parse(Files.readString(Chart.FOLDER.resolve("Chart.yaml")))
                .getFirst()
                .path("appVersion")
                .asText();
        assertThat(container("defaults").path("image").asText()).isEqualTo("kiln.local/operator:" + version);
        assertThat(environment("defaults")).containsEntry("KILN_BUILDER_IMAGE", "kiln.local/builder:" + version);
        assertThat(container("everything-on").path("image").asText())
                .matches("registry\\.example\\.com/kiln/operator@sha256:[0-9a-f]{64}");
    }

    /// The files that the pod mounts from ConfigMaps, written into a folder, by their paths in the pod.
    private static Map<String, Path> mounted(String values, Path folder) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        for (JsonNode mount : container(values).path("volumeMounts")) {
            String map = pod(values)
                    .path("volumes")
                    .valueStream()
                    .filter(volume -> volume.path("name").equals(mount.path("name")))
                    .findFirst()
                    .orElseThrow()
                    .at("/configMap/name")
                    .asText();
            if (map.isEmpty()) {
                continue;
            }
            JsonNode data = Chart.objectsOf(values, "ConfigMap").stream()
                    .filter(each -> each.at("/metadata/name").asText().equals(map))
                    .findFirst()
                    .orElseThrow()
                    .path("data");
            for (var entry : data.properties()) {
                files.put(
                        mount.path("mountPath").asText() + "/" + entry.getKey(),
                        Files.writeString(
                                folder.resolve(entry.getKey()), entry.getValue().asText()));
            }
        }
        return files;
    }

    private static JsonNode pod(String values) {
        return Chart.object(values, "Deployment").at("/spec/template/spec");
    }

    private static JsonNode container(String values) {
        return pod(values).at("/containers/0");
    }

    private static Map<String, String> environment(String values) {
        Map<String, String> environment = new TreeMap<>();
        container(values)
                .path("env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(),
                        variable.at("/valueFrom/fieldRef/fieldPath").asText().equals("metadata.namespace")
                                ? "kiln"
                                : variable.path("value").asText()));
        return environment;
    }
}
