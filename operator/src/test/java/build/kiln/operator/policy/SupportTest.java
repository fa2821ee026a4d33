package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupportTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        source: {flux: {kind: Bucket, name: a}}          | spec.source.flux
        """)
    void eachFieldThatNothingActsOnIsNamed(String spec, String field) {
        assertThat(Support.missing(build(spec).getSpec())).containsExactly(field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        source: {archive: {url: 'http://a/b'}}
        source: {configMap: {name: a}}
        source: {image: {reference: a}}
        platforms: [linux/arm64]
        platforms: [linux/amd64, linux/arm64]
        rebuild: {schedule: '* * * * *', onBaseImageChange: true}
        contexts: {base: 'docker-image://a'}
        secrets: [{id: a, secret: b}]
        ssh: [{id: a, secret: b}]
        cache: {scope: none}
        cache: {import: [a], export: [{reference: a}]}
        output: {image: a, compression: zstd, tags: [b], pushSecret: c}
        pod: {env: [{name: a, value: b}], serviceAccountName: c}
        """)
    void whatIsActedOnIsNot(String spec) {
        assertThat(Support.missing(build(spec).getSpec())).isEmpty();
    }

    private static ImageBuild build(String spec) {
        String source = spec.startsWith("source") ? "" : "source: {volume: {claimName: a}}, ";
        String output = spec.startsWith("output") ? "" : ", output: {image: a}";
        return Serialization.unmarshal(
                "apiVersion: kiln.build/v1alpha1\nkind: ImageBuild\nmetadata: {name: a}\nspec: {%s%s%s}\n"
                        .formatted(source, spec, output),
                ImageBuild.class);
    }
}
