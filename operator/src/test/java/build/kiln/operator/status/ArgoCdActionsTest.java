package build.kiln.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The actions that Argo CD offers on an ImageBuild: which are there when, and what each changes.
class ArgoCdActionsTest {

    private static final Map<String, Boolean> AT_WORK = Map.of("rebuild", true, "suspend", true, "resume", false);
    private static final Map<String, Boolean> AT_REST = Map.of("rebuild", false, "suspend", false, "resume", true);

    static Iterable<String> states() {
        return Transitions.states().keySet();
    }

    @ParameterizedTest
    @MethodSource("states")
    void whatIsOfferedDependsOnTheSpecAlone(String state) {
        ObjectNode build = state(state);
        assertThat(ArgoCd.actions(build)).isEqualTo(AT_WORK);
        spec(build).put("suspend", true);
        assertThat(ArgoCd.actions(build)).isEqualTo(AT_REST);
        spec(build).remove("suspend");
        assertThat(ArgoCd.actions(build)).isEqualTo(AT_WORK);
    }

    @ParameterizedTest
    @MethodSource("states")
    void rebuildSetsTheAnnotationAndNothingElse(String state) {
        ObjectNode build = state(state);
        JsonNode before = build.deepCopy();
        ObjectNode after = (ObjectNode) ArgoCd.act("rebuild", build);
        ObjectNode annotations = (ObjectNode) after.at("/metadata/annotations");
        String requested = Objects.requireNonNull(annotations.remove(ImageBuild.REBUILD_REQUESTED_AT))
                .asText();
        assertThat(Duration.between(Instant.parse(requested), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1));
        ((ObjectNode) after.path("metadata")).remove("annotations");
        assertThat(after).isEqualTo(before);
    }

    @Test
    void rebuildLeavesOtherAnnotationsAsTheyAre() {
        ObjectNode build = state("succeeded");
        ((ObjectNode) build.path("metadata"))
                .putObject("annotations")
                .put(ImageBuild.REBUILD_REQUESTED_AT, "2026-01-01T00:00:00Z")
                .put("argocd.argoproj.io/tracking-id", "shop:kiln.build/ImageBuild:team-a/web");
        JsonNode annotations = ArgoCd.act("rebuild", build).at("/metadata/annotations");
        assertThat(annotations).hasSize(2);
        assertThat(annotations.path("argocd.argoproj.io/tracking-id").asText())
                .isEqualTo("shop:kiln.build/ImageBuild:team-a/web");
        assertThat(annotations.path(ImageBuild.REBUILD_REQUESTED_AT).asText()).isNotEqualTo("2026-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @MethodSource("states")
    void suspendAndResumeSetOneFieldAndNothingElse(String state) {
        ObjectNode build = state(state);
        ObjectNode expected = build.deepCopy();
        spec(expected).put("suspend", true);
        JsonNode suspended = ArgoCd.act("suspend", build);
        assertThat(suspended).isEqualTo(expected);
        spec(expected).put("suspend", false);
        assertThat(ArgoCd.act("resume", suspended)).isEqualTo(expected);
    }

    /// Argo CD takes the scripts out of its ConfigMap; people read and change the files.
    @Test
    void theConfigMapHasTheScriptsOfTheFiles() throws IOException {
        Path files = ArgoCd.EXAMPLES;
        assertThat(ArgoCd.healthScript()).isEqualTo(Files.readString(files.resolve("health.lua")));
        Path actions = files.resolve("actions");
        assertThat(ArgoCd.discoveryScript()).isEqualTo(Files.readString(actions.resolve("discovery.lua")));
        assertThat(ArgoCd.definitions()).containsOnlyKeys("rebuild", "suspend", "resume");
        for (var definition : ArgoCd.definitions().entrySet()) {
            Path file = actions.resolve(definition.getKey()).resolve("action.lua");
            assertThat(definition.getValue()).isEqualTo(Files.readString(file));
        }
        assertThat(ArgoCd.actions(state("succeeded")).keySet())
                .isEqualTo(ArgoCd.definitions().keySet());
    }

    private static ObjectNode state(String name) {
        ImageBuild build = Objects.requireNonNull(Transitions.states().get(name));
        return (ObjectNode) Transitions.asJson(build, build.getStatus());
    }

    private static ObjectNode spec(JsonNode build) {
        return (ObjectNode) build.path("spec");
    }
}
