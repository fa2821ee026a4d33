package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitReferenceTest {

    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @ParameterizedTest
    @CsvSource({
        "https://h.example/a.git,                   https://h.example/a.git, '',           ''",
        "http://h.example/.git#v0.0.2,              http://h.example/.git,   v0.0.2,       ''",
        "https://h.example/a.git#main:/sub/../docs, https://h.example/a.git, main,         docs",
        "https://h.example/a.git#:docs/,            https://h.example/a.git, '',           docs",
        "https://h.example/a.git?branch=main,       https://h.example/a.git, refs/heads/main, ''",
        "https://h.example/a.git?tag=v1&subdir=d/e, https://h.example/a.git, refs/tags/v1, d/e",
        "https://h.example/a.git?ref=b%2Fc,         https://h.example/a.git, b/c,          ''",
        "git@h.example:team/a.git#main,             git@h.example:team/a.git, main,        ''",
        "ssh://git@h.example/a?ref=x,               ssh://git@h.example/a,   x,            ''",
    })
    void whatStandsBehindTheUrlIsRead(String text, String url, String revision, String folder) throws Exception {
        GitReference reference = GitReference.parse(text).orElseThrow();
        assertThat(reference.url()).isEqualTo(url);
        assertThat(reference.revision()).isEqualTo(revision);
        assertThat(reference.folder()).isEqualTo(folder);
    }

    @Test
    void aWholeCommitIsARevisionAndItsStartOnlyAPromise() throws Exception {
        GitReference whole =
                GitReference.parse("https://h.example/a.git?commit=" + COMMIT).orElseThrow();
        GitReference start =
                GitReference.parse("https://h.example/a.git?checksum=0123456").orElseThrow();
        assertThat(whole.revision()).isEqualTo(COMMIT);
        assertThat(whole.checksum()).isEqualTo(COMMIT);
        assertThat(start.revision()).isEmpty();
        assertThat(start.checksum()).isEqualTo("0123456");
    }

    @Test
    void flagsMayStandAlone() throws Exception {
        GitReference reference = GitReference.parse("https://h.example/a.git?keep-git-dir&submodules=false")
                .orElseThrow();
        assertThat(reference.keepGitDir()).isTrue();
        assertThat(reference.submodules()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"./a.git", "../a.git", "a.git", "https://h.example/a.tar", "https://h.example/a?x=.git", "a b"})
    void otherTextsAreNoRepositories(String text) throws Exception {
        assertThat(GitReference.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tag=v1#main       | names two revisions, \"main\" and \"refs/tags/v1\"",
                "tag=v1&branch=b   | names a tag and a branch",
                "tag=              | has \"tag\" without a value",
                "depth=1           | has \"depth\", which does not exist",
                "submodules=maybe  | has submodules=maybe, which is neither true nor false",
                "ref=a&ref=b       | has \"ref\" twice",
            })
    void whatContradictsItselfIsSaid(String query, String fact) {
        assertThatThrownBy(() -> GitReference.parse("https://ann:s3cret@h.example/a.git?" + query))
                .isInstanceOf(GitReference.Malformed.class)
                .hasMessage(fact);
    }

    @Test
    void theExampleOnThePageIsPlanned() throws Exception {
        String page = Files.readString(Path.of("../docs/sources.md"));
        Matcher block = Pattern.compile("(?s)```dockerfile\n(.*?)```").matcher(page);
        assertThat(block.find()).isTrue();
        Dockerfile example = Dockerfile.parse("Dockerfile", block.group(1).getBytes(StandardCharsets.UTF_8));
        Plan plan = Planner.plan(example, PlanRequest.on(Platform.parse("linux/amd64")), (name, platform, place) -> {
            throw new AssertionError(name);
        });
        List<Step.CopySource> sources = plan.target().steps().stream()
                .map(step -> ((Step.Copy) step).sources().getFirst())
                .toList();
        assertThat(sources)
                .containsExactly(
                        new Step.CopySource.Url(
                                "https://example.com/tool",
                                "sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d",
                                false),
                        new Step.CopySource.Url("https://example.com/files.tar.gz", null, true),
                        new Step.CopySource.Git(
                                new GitReference(
                                        "https://example.com/app.git", "refs/tags/v1.2", "docs", null, null, null),
                                true,
                                null));
    }
}
