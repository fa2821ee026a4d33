package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {

    private static final String SHAPE =
            " It has to look like {\"auths\":{\"registry.example.com\":{\"auth\":\"<base64 of"
                    + " user:password>\"}}}; \"docker login\" and \"kubectl create secret docker-registry\" write it so.";

    @TempDir
    Path folder;

    private Path file(String json) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, json);
        return file;
    }

    private Credential find(String json, String host, String repository) throws Exception {
        return new Credentials(List.of(file(json)), (_, _) -> Optional.empty()).find(host, repository);
    }

    @ParameterizedTest(name = "the key {0} is for {1}/{2}: {3}")
    @CsvSource({
        "registry.example.com, registry.example.com, team/app, true",
        "https://registry.example.com, registry.example.com, team/app, true",
        "http://registry.example.com/, registry.example.com, team/app, true",
        "https://registry.example.com/v2/, registry.example.com, team/app, true",
        "registry.example.com/team, registry.example.com, team/app, true",
        "registry.example.com/team/app, registry.example.com, team/app, true",
        "registry.example.com/te, registry.example.com, team/app, false",
        "registry.example.com/other, registry.example.com, team/app, false",
        "registry.example.com:5000, registry.example.com, team/app, false",
        "registry.example.com, registry.example.com:5000, team/app, false",
        "https://index.docker.io/v1/, docker.io, library/busybox, true",
        "docker.io, docker.io, library/busybox, true",
        "registry-1.docker.io, docker.io, library/busybox, true",
        "*.example.com, registry.example.com, team/app, true",
        "*.example.com, a.b.example.com, team/app, false",
        "example.com, registry.example.com, team/app, false",
    })
    void keyIsForItsHostAndPath(String key, String host, String repository, boolean fits) throws Exception {
        Credential found =
                find("{\"auths\":{\"" + key + "\":{\"username\":\"u\",\"password\":\"p\"}}}", host, repository);
        assertThat(found).isEqualTo(fits ? new Credential.Password("u", "p") : new Credential.Anonymous());
    }

    @Test
    void longestPathWins() throws Exception {
        String json = """
                {"auths":{
                  "registry.example.com":{"username":"all","password":"p"},
                  "registry.example.com/team/app":{"username":"app","password":"p"},
                  "registry.example.com/team":{"username":"team","password":"p"}}}""";
        assertThat(find(json, "registry.example.com", "team/app/web").described())
                .isEqualTo("for user \"app\"");
        assertThat(find(json, "registry.example.com", "team/else").described()).isEqualTo("for user \"team\"");
        assertThat(find(json, "registry.example.com", "x").described()).isEqualTo("for user \"all\"");
    }

    @Test
    void firstFileThatKnowsTheRegistryWins() throws Exception {
        Path missing = folder.resolve("missing.json");
        Path empty = Files.writeString(folder.resolve("empty.json"), "{}");
        Path knows = file("{\"auths\":{\"registry.example.com\":{\"auth\":\"dTpwOndpdGg6Y29sb25z\"}}}");
        assertThat(new Credentials(List.of(missing, empty, knows), (_, _) -> Optional.empty())
                        .find("registry.example.com", "a"))
                .isEqualTo(new Credential.Password("u", "p:with:colons"));
    }

    @Test
    void storeIsAskedWhereTheFileHasNoSecret() throws Exception {
        Path file = file("{\"credsStore\":\"vault\",\"auths\":{\"https://index.docker.io/v1/\":{}}}");
        Credentials credentials = new Credentials(
                List.of(file),
                (name, server) -> Optional.of(("{\"Username\":\"" + name + "\",\"Secret\":\"" + server + "\"}")
                        .getBytes(StandardCharsets.UTF_8)));
        assertThat(credentials.find("docker.io", "library/busybox"))
                .isEqualTo(new Credential.Password("vault", "https://index.docker.io/v1/"));
        assertThat(credentials.find("registry.example.com", "a"))
                .isEqualTo(new Credential.Password("vault", "registry.example.com"));
    }

    @Test
    void helpersTokenUserMeansIdentityToken() throws Exception {
        Path file = file("{\"credHelpers\":{\"registry.example.com\":\"acr\"}}");
        assertThat(new Credentials(
                                List.of(file),
                                (_, _) -> Optional.of(
                                        "{\"Username\":\"<token>\",\"Secret\":\"x\"}".getBytes(StandardCharsets.UTF_8)))
                        .find("registry.example.com", "a"))
                .isEqualTo(new Credential.IdentityToken("x"));
    }

    @Test
    void secretsAreNotPrinted() {
        assertThat(new Credential.Password("u", "hidden")).hasToString("Password[user=u]");
        assertThat(new Credential.IdentityToken("hidden")).hasToString("IdentityToken[]");
    }

    @Test
    void fileThatIsNoJsonIsRefused() {
        refused("secret!", "The file does not hold credentials in Docker's form: it is not a JSON object." + SHAPE);
    }

    @Test
    void authsOfAnotherShapeIsRefused() {
        refused(
                "{\"auths\":[]}",
                "The file does not hold credentials in Docker's form: \"auths\" is not an object." + SHAPE);
    }

    @Test
    void authThatIsNoBase64IsRefusedWithoutShowingIt() {
        refused(
                "{\"auths\":{\"registry.example.com\":{\"auth\":\"ci-bot:s3cret\"}}}",
                "The file does not hold credentials in Docker's form: \"auth\" of \"registry.example.com\" is not"
                        + " base64." + SHAPE);
    }

    @Test
    void authWithoutColonIsRefusedWithoutShowingIt() {
        refused(
                "{\"auths\":{\"registry.example.com\":{\"auth\":\"czNjcmV0\"}}}",
                "The file does not hold credentials in Docker's form: \"auth\" of \"registry.example.com\" is not the"
                        + " base64 of user:password." + SHAPE);
    }

    private void refused(String json, String text) {
        assertThatThrownBy(() -> find(json, "registry.example.com", "a"))
                .isInstanceOf(RequestFailure.class)
                .hasMessage(folder.resolve("config.json") + ": " + text);
    }

    @Test
    void helperThatIsMissingIsNamed() throws Exception {
        Path file = file("{\"credHelpers\":{\"registry.example.com\":\"kiln-test-missing\"}}");
        assertThatThrownBy(() -> new Credentials(List.of(file), new HelperProgram()).find("registry.example.com", "a"))
                .isInstanceOf(RequestFailure.class)
                .hasMessage(file + ": The credential helper for \"registry.example.com\" gave no answer:"
                        + " docker-credential-kiln-test-missing could not be started; is it on the PATH?. Repair the"
                        + " helper, or write the credentials into \"auths\".");
    }

    @Test
    void helperThatIsNoNameIsNotStarted() throws Exception {
        Path file = file("{\"credHelpers\":{\"registry.example.com\":\"../../bin/sh\"}}");
        assertThatThrownBy(() -> new Credentials(List.of(file), new HelperProgram()).find("registry.example.com", "a"))
                .hasMessageContaining("\"../../bin/sh\" is not the name of a credential helper");
    }
}
