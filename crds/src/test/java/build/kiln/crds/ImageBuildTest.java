package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageBuildTest {

    @Test
    void theTypesFillInTheDefaultsOfTheCrd() {
        String minimal = """
                {"apiVersion":"kiln.build/v1alpha1","kind":"ImageBuild","metadata":{"name":"web"},
                 "spec":{"source":{"git":{"url":"https://git.example.com/web.git"},"volume":{"claimName":"a"}},
                         "output":{"image":"web"},"cache":{},"history":{},"rebuild":{},"verify":{"run":["a"]}}}
                """;
        JsonNode defaulted = Serialization.unmarshal(minimal, JsonNode.class);
        SchemaJudge.applyDefaults(CrdTest.SCHEMA.at("/properties/spec"), defaulted.path("spec"));
        ImageBuild read = Serialization.unmarshal(minimal, ImageBuild.class);
        JsonNode written = new ObjectMapper().valueToTree(read).path("spec");
        defaulted.path("spec").properties().forEach(field -> {
            if (!field.getKey().equals("pod")) {
                assertThat(written.path(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
            }
        });
    }

    @Test
    void aResourceOfANewerApiIsReadAsFarAsItIsKnown() {
        ImageBuild read = Serialization.unmarshal("""
                apiVersion: kiln.build/v1alpha1
                kind: ImageBuild
                metadata: {name: web}
                spec:
                  priority: 5
                  source: {inline: {files: {Dockerfile: FROM scratch}, mode: 1}}
                  output: {image: web, provenance: max}
                  cache: {readOnly: true, import: [registry.example.com/cache]}
                status:
                  conditions: [{type: Ready, status: "True", reason: Succeeded, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
                  phase: Succeeded
                """, ImageBuild.class);
        assertThat(read.getSpec().source().inline()).isEqualTo(new InlineSource(Map.of("Dockerfile", "FROM scratch")));
        assertThat(read.getSpec().cache().imports()).containsExactly("registry.example.com/cache");
        assertThat(read.getStatus().phase()).isEqualTo(Phase.Succeeded);
        assertThat(read.getStatus().conditions().getFirst().status()).isEqualTo(Condition.Status.True);
    }
}
