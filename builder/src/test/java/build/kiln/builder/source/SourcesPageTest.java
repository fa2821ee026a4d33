package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitSource.Places;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `docs/sources.md` shows works as it stands there.
class SourcesPageTest {

    private static final Path PAGE = Path.of("..", "docs", "sources.md");

    @TempDir
    Path folder;

    private static List<JsonNode> examples() throws IOException {
        List<JsonNode> examples = new ArrayList<>();
        Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(PAGE));
        while (block.find()) {
            examples.add(new YAMLMapper().readTree(block.group(1)));
        }
        return examples;
    }

    private static JsonNode example(String... path) throws IOException {
        return examples().stream()
                .map(one -> one.at("/" + String.join("/", path)))
                .filter(one -> !one.isMissingNode())
                .findFirst()
                .orElseThrow();
    }

    private Path secret(String type) throws IOException {
        JsonNode secret = examples().stream()
                .filter(one -> one.path("type").asText().equals(type))
                .findFirst()
                .orElseThrow();
        Path mounted = Files.createTempDirectory(folder, "secret");
        for (Map.Entry<String, JsonNode> key : secret.path("stringData").properties()) {
            Files.writeString(mounted.resolve(key.getKey()), key.getValue().asText());
        }
        return mounted;
    }

    @Test
    void theInlineExampleIsABuild() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        example("source", "inline", "files")
                .properties()
                .forEach(file -> files.put(file.getKey(), file.getValue().asText()));
        SourceTree tree = new InlineSource(files, "spec.source.inline.files").obtain(folder);
        BuildFiles build = BuildFiles.find(tree.root(), new AskedPath(".", "c"), new AskedPath("", "d"));
        assertThat(build.dockerfile().content()).startsWith("FROM scratch\n");
        BuildContext context = BuildContext.open(build.context(), DockerIgnore.NOTHING);
        Selected hello = context.select("bin/hello", DockerIgnore.NOTHING, "Dockerfile:2")
                .getFirst();
        assertThat(hello.file().mode()).isEqualTo(0755);
    }

    @Test
    void theVolumeExampleIsAFolderOnTheVolume() throws IOException {
        TestTree.of(folder.resolve("claim"), "team-a/web/Dockerfile");
        String path = example("source", "volume", "path").asText();
        SourceTree tree = new VolumeSource(folder.resolve("claim"), new AskedPath(path, "p")).obtain(folder);
        assertThat(tree.root().resolve("Dockerfile")).exists();
    }

    @Test
    void theGitExampleGetsAsFarAsTheHost() throws IOException {
        BuildFailure failure = fails(
                example("source", "git", "url").asText().replace("git.example.com", "localhost:1"),
                example("source", "git", "revision").asText(),
                secret("kubernetes.io/basic-auth"));
        assertThat(failure).hasMessageContaining("nothing answers at localhost:1");
    }

    @Test
    void theSshSecretLacksNothingButARealKey() throws IOException {
        BuildFailure failure = fails("git@git.invalid:web.git", "main", secret("kubernetes.io/ssh-auth"));
        assertThat(failure).hasMessageContaining("its key \"known_hosts\" is not in the form");
    }

    private BuildFailure fails(String url, String revision, Path secret) {
        GitSource source = new GitSource(
                url,
                revision,
                GitSource.Submodules.LEFT_OUT,
                GitSource.Reach.NETWORK,
                secret,
                Places.withSecret("git-auth"));
        return catchThrowableOfType(BuildFailure.class, () -> source.obtain(folder.resolve("work")));
    }

    @Test
    void everyReasonOnThePageIsOneOfOurs() throws IOException {
        List<String> reasons = Pattern.compile("(?m)^\\| `([A-Z]\\w+)` \\|")
                .matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(reasons).contains("SecretInvalid").allSatisfy(Reason::valueOf);
    }
}
