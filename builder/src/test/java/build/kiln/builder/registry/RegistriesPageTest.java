package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of the manual's page on registries do what the page says.
class RegistriesPageTest {

    private static final Path DOCS = Path.of("..", "docs");

    @TempDir
    Path folder;

    private Path example(String language) throws IOException {
        Matcher block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(DOCS.resolve("registries.md")));
        assertThat(block.find()).as("a block of " + language).isTrue();
        return Files.writeString(folder.resolve("example." + language), block.group(1));
    }

    @Test
    void credentialsAreFoundAsThePageSays() throws Exception {
        Credentials credentials = new Credentials(List.of(example("json")), (_, _) -> Optional.empty());
        assertThat(credentials.find("registry.example.com", "team-b/app"))
                .isEqualTo(new Credential.Password("ci-bot", "s3cret"));
        assertThat(credentials.find("registry.example.com", "team-a/app"))
                .isEqualTo(new Credential.Password("team-a-bot", "s3cret"));
        assertThat(credentials.find("docker.io", "library/busybox")).isInstanceOf(Credential.IdentityToken.class);
        assertThat(credentials.find("other.example.com", "x")).isEqualTo(new Credential.Anonymous());
    }

    @Test
    void registriesConfIsReadAsThePageSays() throws Exception {
        RegistriesConf conf = RegistriesConf.read(example("toml"));
        assertThat(conf.sources(ImageReference.parse("busybox")))
                .containsExactly(
                        new Source("mirror.example.com", "hub/library/busybox", false, true),
                        new Source("docker.io", "library/busybox", false, false));
        assertThat(conf.target(ImageReference.parse("registry.example.com/team-a/web")))
                .isEqualTo(new Source("new.example.com", "a/web", false, false));
        assertThat(conf.target(ImageReference.parse("registry.test:5000/web")))
                .isEqualTo(new Source("registry.test:5000", "web", true, false));
        assertThat(conf.blocking(ImageReference.parse("a.untrusted.example.com/web")))
                .isPresent();
    }

    @Test
    void reasonsOfThisRoomAreInTheTableOfFailures() throws IOException {
        String page = Files.readString(DOCS.resolve("errors.md"));
        for (Reason reason : List.of(
                Reason.ImageNotFound,
                Reason.PullDenied,
                Reason.PushDenied,
                Reason.RegistryUnavailable,
                Reason.RegistryUntrusted,
                Reason.RegistryCorrupt,
                Reason.SecretInvalid,
                Reason.RequestInvalid,
                Reason.NotSupportedYet,
                Reason.Interrupted)) {
            assertThat(page).contains("| `" + reason + "` |");
        }
    }
}
