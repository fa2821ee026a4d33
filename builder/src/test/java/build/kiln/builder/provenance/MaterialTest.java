package build.kiln.builder.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How materials are called, and what of them nobody may read.
class MaterialTest {

    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));

    @ParameterizedTest
    @CsvSource(textBlock = """
        https://git.example.com/a.git,                main, git+https://git.example.com/a.git@main
        https://user:s3cret@git.example.com/a.git,    '',   git+https://git.example.com/a.git
        https://git.example.com/a.git?token=s3cret,   v1,   git+https://git.example.com/a.git@v1
        git@git.example.com:team/a.git,               main, git+ssh://git.example.com/team/a.git@main
        ssh://git@git.example.com:2222/a.git,         main, git+ssh://git.example.com:2222/a.git@main
        """)
    void aRepositoryIsCalledWithoutWhoReadsIt(String url, String revision, String uri) {
        assertThat(Material.gitUri(url, revision)).isEqualTo(uri);
    }

    @Test
    void anImageHasItsPackageUrl() {
        assertThat(Material.packageUrl(ImageReference.parse("alpine:3.22"), DIGEST))
                .isEqualTo("pkg:oci/alpine@sha256%3A" + "a".repeat(64)
                        + "?repository_url=docker.io/library/alpine&tag=3.22");
        assertThat(Material.packageUrl(ImageReference.parse("registry.example.com/a/b@" + DIGEST), DIGEST))
                .isEqualTo("pkg:oci/b@sha256%3A" + "a".repeat(64) + "?repository_url=registry.example.com/a/b");
    }

    @Test
    void aRevisionIsADigestOrACommit() {
        assertThat(Material.of("u", "sha512:ab").digest()).isEqualTo(Map.of("sha512", "ab"));
        assertThat(Material.of("u", "0123abcd").digest()).isEqualTo(Map.of("gitCommit", "0123abcd"));
        assertThat(Material.of("u", "main@sha1:0123abcd").digest()).isEqualTo(Map.of("gitCommit", "0123abcd"));
        assertThat(Material.of("u", "latest@sha256:ab").digest()).isEqualTo(Map.of("sha256", "ab"));
        assertThat(Material.of("u", null).write().toString()).isEqualTo("{\"uri\":\"u\"}");
        assertThat(Material.localImage("base", DIGEST).write().toString())
                .isEqualTo("{\"name\":\"base\",\"digest\":{\"sha256\":\"" + "a".repeat(64) + "\"}}");
        assertThatThrownBy(() -> new Material("a", "", Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatMayHoldAPasswordIsLeftOut() {
        Definition definition = new Definition(
                "inline",
                "",
                ".",
                "Dockerfile",
                "",
                Map.of("HTTPS_PROXY", "http://u:p@proxy", "REPO", "https://u:p@example.com/a?token=x", "A", "1"),
                Map.of(),
                Map.of("docs", "https://u:p@example.com/docs.git#main"),
                List.of("npmrc"),
                List.of());
        assertThat(definition.write(Detail.MAX).toString())
                .isEqualTo("{\"source\":{\"kind\":\"inline\"},\"contextDir\":\".\",\"dockerfile\":\"Dockerfile\","
                        + "\"contexts\":{\"docs\":\"https://example.com/docs.git#main\"},"
                        + "\"buildArgs\":{\"A\":\"1\",\"REPO\":\"https://example.com/a\"},\"labels\":{},"
                        + "\"secrets\":[\"npmrc\"],\"ssh\":[]}");
        assertThat(definition.write(Detail.MIN).has("buildArgs")).isFalse();
    }
}
