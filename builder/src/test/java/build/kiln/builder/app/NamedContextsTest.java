package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.plan.NamedContext;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.git.SshLogin;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.ssh.KeyAgent;
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
                GitTokens.none());

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
        assertThat(NamedContexts.ofResource(contexts, GitTokens.none()).files()).containsOnlyKeys("docs", "tool");

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

    @Test
    void exampleOfAContextOverSshNamesTheSecretThatOpensIt() throws IOException {
        JsonNode contexts = example("sources.md", "ssh", "contexts");
        JsonNode key = example("sources.md", "contexts", "ssh").get(0);
        SshLogin login = new RunSecrets(folder)
                .login(
                        List.of(new BuildRequest.SshKey(
                                key.path("id").asText(), key.path("secret").asText())),
                        Map.of("default", KeyAgent.of(List.of()).orElseThrow()));
        String address = contexts.path("docs").asText();

        assertThat(login)
                .isInstanceOfSatisfying(
                        SshLogin.OfSecret.class,
                        of -> assertThat(of.folder())
                                .isEqualTo(folder.resolve(key.path("secret").asText())));
        assertThat(source(
                        NamedContexts.ofResource(
                                Map.of("docs", address), GitTokens.none().withLogin(login)),
                        "docs"))
                .isInstanceOfSatisfying(
                        GitSource.class, git -> assertThat(git.tokens().login()).isEqualTo(login));
    }

    private static JsonNode example(String page, String field) throws IOException {
        return example(page, field, field);
    }

    private static JsonNode example(String page, String with, String field) throws IOException {
        Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(Path.of("../docs/" + page)));
        while (block.find()) {
            JsonNode node = new YAMLMapper().readTree(block.group(1));
            if (node.has(field) && node.has(with)) {
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
        assertThatThrownBy(() -> NamedContexts.ofResource(Map.of("base", folder.toString()), GitTokens.none()))
                .hasMessage("spec.contexts.base: \"" + folder + "\" is no image, repository or URL, and a pod has no"
                        + " folders of yours. Write docker-image://REFERENCE, the URL of a git repository, or the URL of"
                        + " a file.");
        assertThatThrownBy(() -> NamedContexts.ofResource(Map.of("base", "oci-layout://" + folder), GitTokens.none()))
                .hasMessage(
                        "spec.contexts.base: \"oci-layout://" + folder + "\" is a folder of the machine that builds,"
                                + " and a pod has none of yours. Push the image to a registry, and name it with"
                                + " docker-image://REFERENCE.");
    }
}
