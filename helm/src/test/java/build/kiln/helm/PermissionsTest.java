package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Everything that the chart gives the operator, word for word.
class PermissionsTest {

    @Test
    void theOperatorMayDoThisAndNothingElse() {
        assertThat(granted(Chart.object("defaults", "ClusterRole")))
                .containsExactlyInAnyOrder(
                        "imagebuilds.kiln.build: get, list, watch",
                        "imagebuilds/status.kiln.build: update",
                        "pods: get, list, watch, create, delete",
                        "persistentvolumeclaims: get, create",
                        "pods/log: get",
                        "events: list, create");
        assertThat(granted(Chart.object("defaults", "Role")))
                .containsExactlyInAnyOrder(
                        "leases.coordination.k8s.io: create",
                        "leases.coordination.k8s.io named kiln-operator: get, update, patch");
    }

    @Test
    void fluxesObjectsAreReadWhereThatIsWantedAlone() {
        assertThat(Chart.objectsOf("everything-on", "ClusterRole"))
                .filteredOn(role -> role.at("/metadata/name").asText().endsWith("-flux"))
                .singleElement()
                .satisfies(role -> assertThat(granted(role))
                        .containsExactlyInAnyOrder(
                                "gitrepositories.source.toolkit.fluxcd.io: get, list, watch",
                                "ocirepositories.source.toolkit.fluxcd.io: get, list, watch",
                                "buckets.source.toolkit.fluxcd.io: get, list, watch"));
    }

    @Test
    void onlyTheOperatorsAccountHasTheseRights() {
        for (String values : List.of("defaults", "everything-on", "everything-off")) {
            List<JsonNode> bindings = new ArrayList<>(Chart.objectsOf(values, "RoleBinding"));
            bindings.addAll(Chart.objectsOf(values, "ClusterRoleBinding"));
            String account =
                    Chart.object(values, "ServiceAccount").at("/metadata/name").asText();
            assertThat(bindings)
                    .hasSizeGreaterThan(1)
                    .allSatisfy(binding -> assertThat(binding.path("subjects").toString())
                            .isEqualTo("[{\"kind\":\"ServiceAccount\",\"name\":\"" + account
                                    + "\",\"namespace\":\"kiln\"}]"));
            assertThat(Chart.object(values, "Deployment")
                            .at("/spec/template/spec/serviceAccountName")
                            .asText())
                    .isEqualTo(account);
        }
    }

    @Test
    void rightsEndAtTheNamespacesThatAreWatched() {
        assertThat(Chart.objectsOf("everything-on", "ClusterRoleBinding")).isEmpty();
        assertThat(Chart.objectsOf("everything-on", "RoleBinding"))
                .extracting(b -> b.at("/metadata/namespace").asText() + " "
                        + b.at("/roleRef/kind").asText())
                .containsExactlyInAnyOrder(
                        "team-a ClusterRole",
                        "team-b ClusterRole",
                        "team-a ClusterRole",
                        "team-b ClusterRole",
                        "kiln Role");
    }

    private static List<String> granted(JsonNode role) {
        List<String> all = new ArrayList<>();
        for (JsonNode rule : role.path("rules")) {
            assertThat(rule.path("nonResourceURLs").isMissingNode()).isTrue();
            for (JsonNode group : rule.path("apiGroups")) {
                for (JsonNode resource : rule.path("resources")) {
                    all.add(resource.asText() + (group.asText().isEmpty() ? "" : "." + group.asText())
                            + (rule.has("resourceNames") ? " named " + words(rule.path("resourceNames")) : "") + ": "
                            + words(rule.path("verbs")));
                }
            }
        }
        return all;
    }

    private static String words(JsonNode list) {
        return String.join(", ", list.valueStream().map(JsonNode::asText).toList());
    }
}
