package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the CRD lets in and what it refuses, rules evaluated.
class AdmissionTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    /// The tests on any cluster ask its API server for each row, too.
    private static final Path BAD_RESOURCES =
            Path.of("../e2e/src/main/resources/build/kiln/e2e/row/bad-resources.yaml");

    private static final String GOOD_SOURCE = "source: {volume: {claimName: src}}, ";
    private static final String GOOD_OUTPUT = "output: {image: registry.example.com/team-a/web:1.2}";
    private static final String IMAGE = Rules.IMAGE_REFERENCE_MESSAGE;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source: {git: {url: 'https://git.example.com/a/b.git', revision: main, submodules: true, credentialsSecret: git-auth}}",
                "source: {git: {url: 'ssh://git@git.example.com:2222/a/b.git', revision: v1.2/fix_3}}",
                "source: {git: {url: 'git@git.example.com:a/b.git'}}",
                "source: {git: {url: 'http://10.0.0.1:3000/a'}}",
                "source: {inline: {files: {Dockerfile: FROM scratch, src/.hidden/a..b: x}}}",
                "source: {volume: {claimName: src, path: team/web}}",
                "source: {volume: {claimName: src}}, contextDir: a/b, dockerfile: docker/Dockerfile.web, timeout: 1h30m",
                "source: {volume: {claimName: src}}, timeout: 10s, retries: 0, platforms: [linux/amd64, linux/arm/v7, linux/x86_64/v1.2]",
                "source: {volume: {claimName: src}}, timeout: 24h, retries: 10, suspend: true, cache: {scope: none}",
                "source: {volume: {claimName: src}}, cache: {readOnly: true}",
                "source: {volume: {claimName: src}}, pod: {labels: {a: b}, env: [{name: A, value: b}], nodeSelector: {x: y}}",
                "source: {configMap: {name: files}}, secrets: [{id: npmrc, secret: npm, key: .npmrc}], ssh: [{id: default, secret: k}]",
                "source: {volume: {claimName: src}}, contexts: {base: 'docker-image://localhost:5000/a:1@sha256:0a', none: 'docker-image://scratch', docs: 'https://git.example.com/docs.git#main:web', tool: 'http://example.com/tool'}",
                "source: {volume: {claimName: src}}, ssh: [{id: other, secret: a}, {id: default, secret: b}], contexts: {a: 'git@git.example.com:a/b.git#main', b: 'ssh://git@git.example.com:2222/a/b.git'}",
                "source: {volume: {claimName: src}}, rebuild: {schedule: '*/15,7 0-6/2  1,15 JAN-MAR SUN', timeZone: America/Argentina/Buenos_Aires}",
                "source: {volume: {claimName: src}}, verify: {run: [/web, '']}, rebuild: {timeZone: UTC, onBaseImageChange: true}",
                "source: {flux: {kind: GitRepository, name: web}}, verify: {run: [/web, --version]}, rebuild: {schedule: '0 4 * * *'}",
            })
    void goodResourcesAreLetIn(String spec) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(spec + ", " + GOOD_OUTPUT)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web",
                "team/web",
                "localhost:5000/web",
                "registry.example.com/a/b/c:1.2-rc.1_x",
                "[::1]:5000/web:1",
                "a__b/c-d--e.f",
                "10.0.0.1:5000/web"
            })
    void imageReferencesAreLetIn(String image) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(GOOD_SOURCE + "output: {image: '" + image + "'}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Web",
                "https://registry.example.com/web",
                "web:",
                "web:a b",
                "/web",
                "web/",
                "a//b",
                "web@sha256:abc",
                "-a/web:1",
                "a..b/c/",
                "web:1:2"
            })
    void whatIsNoImageReferenceIsRefused(String image) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(GOOD_SOURCE + "output: {image: '" + image + "'}")))
                .contains("spec.output.image: Invalid value: \"" + image + "\": " + IMAGE);
    }

    /// What is refused, field by field; the text that people see.
    static Stream<Arguments> refused() throws IOException {
        return YAML.readTree(BAD_RESOURCES.toFile())
                .valueStream()
                .map(row -> Arguments.of(row.path("spec"), row.path("says")));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void badResourcesAreRefusedInTheseWords(JsonNode spec, JsonNode says) {
        ObjectNode resource = (ObjectNode) resource(GOOD_SOURCE + GOOD_OUTPUT);
        ObjectNode whole = (ObjectNode) resource.path("spec");
        spec.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                whole.remove(field.getKey());
            } else {
                whole.set(field.getKey(), field.getValue());
            }
        });
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource))
                .containsExactlyInAnyOrderElementsOf(
                        says.valueStream().map(JsonNode::asText).toList());
    }

    /// A regular expression is no advice.
    @Test
    void noRefusalSpeaksInRegularExpressions() throws IOException {
        assertThat(refused().map(Arguments::get).map(row -> String.valueOf(row[1])))
                .hasSizeGreaterThanOrEqualTo(60)
                .noneMatch(says -> says.contains("should match"));
    }

    private static JsonNode resource(String spec) {
        try {
            return YAML.readTree("spec: {" + spec + "}");
        } catch (JsonProcessingException e) {
            throw new AssertionError(spec, e);
        }
    }
}
