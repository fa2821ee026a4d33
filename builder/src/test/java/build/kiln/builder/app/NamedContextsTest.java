package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.plan.NamedContext;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.protocol.BuildRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedContextsTest {

    @TempDir
    private Path folder;

    @Test
    void resourceNamesImagesRepositoriesAndFiles() {
        NamedContexts contexts = NamedContexts.ofResource(
                Map.of(
                        "base", "docker-image://registry.example.com/base:1",
                        "docs", "https://git.example.com/docs.git#main",
                        "tool", "https://example.com/tool"),
                GitTokens.NONE);

        assertThat(contexts.all())
                .containsEntry("base", new NamedContext.Image("registry.example.com/base:1"))
                .containsOnlyKeys("base", "docs", "tool");
        assertThat(contexts.files()).containsOnlyKeys("docs", "tool");
        assertThat(source(contexts, "docs")).isInstanceOf(GitSource.class);
        assertThat(source(contexts, "tool")).isInstanceOf(HttpFile.class);
    }

    @Test
    void examplesOfThePagesAreTaken() throws IOException {
        Map<String, String> contexts = new HashMap<>();
        example("sources.md", "contexts")
                .properties()
                .forEach(one -> contexts.put(one.getKey(), one.getValue().asText()));
        assertThat(NamedContexts.ofResource(contexts, GitTokens.NONE).files()).containsOnlyKeys("docs", "tool");

        JsonNode secret = example("dockerfile.md", "secrets").get(0);
        Path mounted =
                Files.createDirectory(folder.resolve(secret.path("secret").asText()));
        Files.writeString(mounted.resolve(secret.path("key").asText()), "value");
        assertThat(new RunSecrets(folder)
                        .secrets(List.of(new BuildRequest.RunSecret(
                                secret.path("id").asText(),
                                secret.path("secret").asText(),
                                secret.path("key").asText()))))
                .containsOnlyKeys("npmrc");
    }

    private static JsonNode example(String page, String field) throws IOException {
        Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(Path.of("../docs/" + page)));
        while (block.find()) {
            JsonNode node = new YAMLMapper().readTree(block.group(1));
            if (node.has(field)) {
                return node.get(field);
            }
        }
        throw new AssertionError(page + " has no example of " + field);
    }

    private static Source source(NamedContexts contexts, String name) {
        return Objects.requireNonNull(contexts.files().get(name)).source();
    }

    @Test
    void resourceCannotNameFilesOfThePod() {
        assertThatThrownBy(() -> NamedContexts.ofResource(Map.of("base", folder.toString()), GitTokens.NONE))
                .hasMessage("spec.contexts.base: \"" + folder + "\" is no image, repository or URL, and a pod has no"
                        + " folders of yours. Write docker-image://REFERENCE, the URL of a git repository, or the URL of"
                        + " a file.");
        assertThatThrownBy(() -> NamedContexts.ofResource(Map.of("base", "oci-layout://" + folder), GitTokens.NONE))
                .hasMessage(
                        "spec.contexts.base: \"oci-layout://" + folder + "\" is a folder of the machine that builds,"
                                + " and a pod has none of yours. Push the image to a registry, and name it with"
                                + " docker-image://REFERENCE.");
    }
}
