package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistriesConfTest {

    @TempDir
    Path folder;

    private RegistriesConf conf(String text) throws IOException {
        Path file = folder.resolve("registries.conf");
        Files.writeString(file, text);
        return RegistriesConf.read(file);
    }

    private static ImageReference image(String text) {
        return ImageReference.parse(text);
    }

    @Test
    void hubIsSentToAnotherPlace() throws IOException {
        RegistriesConf conf = conf("""
                unqualified-search-registries = ["docker.io"]
                [[registry]]
                prefix = "docker.io"
                location = "127.0.0.1:5000"
                insecure = true
                """);
        assertThat(conf.sources(image("busybox")))
                .containsExactly(new Source("127.0.0.1:5000", "library/busybox", true, false));
        assertThat(conf.target(image("team/app"))).isEqualTo(new Source("127.0.0.1:5000", "team/app", true, false));
        assertThat(conf.sources(image("registry.example.com/a")))
                .containsExactly(new Source("registry.example.com", "a", false, false));
    }

    @Test
    void aFileOfCommentsSaysNothing() throws IOException {
        assertThat(conf("# [[registry]]\n\n   # prefix = \"docker.io\"\r\n\t\n"))
                .isEqualTo(RegistriesConf.EMPTY);
        assertThat(conf("# docker.io\n[[registry]]\nlocation = \"docker.io\"\n").rules())
                .hasSize(1);
    }

    @ParameterizedTest(name = "{1} is read from {2}")
    @CsvSource({
        "registry.example.com/team, registry.example.com/team/app:1, new.example.com/x/app",
        "registry.example.com/team, registry.example.com/team, new.example.com/x",
        "registry.example.com/team, registry.example.com/teams/app, registry.example.com/teams/app",
        "registry.example.com, registry.example.com/a/b, new.example.com/x/a/b",
        "registry.example.com, registry.example.com:5000/a, registry.example.com:5000/a",
    })
    void longestPrefixIsReplacedByItsLocation(String prefix, String name, String at) throws IOException {
        RegistriesConf conf = conf("""
                [[registry]]
                location = "registry.example.com:5000"
                [[registry]]
                prefix = "%s"
                location = "new.example.com/x"
                """.formatted(prefix));
        Source source = conf.target(image(name));
        assertThat(source.host() + "/" + source.repository()).isEqualTo(at);
    }

    @Test
    void wildcardIsForSubdomains() throws IOException {
        RegistriesConf conf = conf("[[registry]]\nprefix = \"*.example.com\"\ninsecure = true\n");
        assertThat(conf.target(image("a.example.com/x"))).isEqualTo(new Source("a.example.com", "x", true, false));
        assertThat(conf.target(image("a.b.example.com:5000/x")))
                .isEqualTo(new Source("a.b.example.com:5000", "x", true, false));
        assertThat(conf.target(image("example.com/x"))).isEqualTo(new Source("example.com", "x", false, false));
    }

    @Test
    void mirrorsComeFirstWhereTheyMay() throws IOException {
        RegistriesConf conf = conf("""
                [[registry]]
                location = "registry.example.com"
                [[registry.mirror]]
                location = "tags.example.com/m"
                pull-from-mirror = "tag-only"
                [[registry.mirror]]
                location = "digests.example.com"
                pull-from-mirror = "digest-only"
                [[registry.mirror]]
                location = "all.example.com"
                insecure = true
                """);
        ImageReference tagged = image("registry.example.com/a:1");
        assertThat(conf.sources(tagged))
                .containsExactly(
                        new Source("tags.example.com", "m/a", false, true),
                        new Source("all.example.com", "a", true, true),
                        new Source("registry.example.com", "a", false, false));
        assertThat(conf.sources(tagged.withDigest(Digest.of(new byte[0]))))
                .containsExactly(
                        new Source("digests.example.com", "a", false, true),
                        new Source("all.example.com", "a", true, true),
                        new Source("registry.example.com", "a", false, false));
    }

    @Test
    void mirrorByDigestOnlyIsForAllMirrorsOfTheTable() throws IOException {
        RegistriesConf conf = conf("""
                [[registry]]
                location = "registry.example.com"
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "mirror.example.com"
                """);
        assertThat(conf.sources(image("registry.example.com/a:1"))).hasSize(1);
    }

    @Test
    void missingFileIsNamed() {
        Path file = folder.resolve("nowhere");
        assertThatThrownBy(() -> RegistriesConf.read(file))
                .isInstanceOf(RequestFailure.class)
                .hasMessage(file + ": The file cannot be read (java.nio.file.NoSuchFileException: " + file
                        + "). Check CONTAINERS_REGISTRIES_CONF and the file's mode.");
    }

    @Test
    void whatIsNoTomlIsNamedByLine() {
        refused(
                "\n[[registry]]\nlocation = docker.io\n",
                "The file is not TOML: line 3: Unknown token. Correct that line.");
    }

    @Test
    void oldVersionIsNamed() {
        refused(
                "[registries.search]\nregistries = [\"docker.io\"]\n",
                "The file is of version 1 ([registries.search], [registries.insecure], …). Write it in version 2, with"
                        + " one [[registry]] table a registry.");
    }

    @Test
    void tableForNothingIsNamed() {
        refused(
                "[[registry]]\ninsecure = true\n",
                "The file has a [[registry]] table with neither \"prefix\" nor \"location\". Say which registry it is"
                        + " for, for example: location = \"registry.example.com\"");
    }

    @Test
    void mirrorWithoutPlaceIsNamed() {
        refused(
                "[[registry]]\nlocation = \"a.example.com\"\n[[registry.mirror]]\ninsecure = true\n",
                "The file has a [[registry.mirror]] without \"location\" in the table for \"a.example.com\". Say where"
                        + " the mirror is, for example: location = \"mirror.example.com/hub\"");
    }

    @Test
    void flagThatIsNoneIsNamed() {
        refused(
                "[[registry]]\nlocation = \"a.example.com\"\ninsecure = \"true\"\n",
                "The file has insecure = \"true\" in the table for \"a.example.com\". Write true or false, without"
                        + " quotes.");
    }

    @Test
    void wordThatIsNoneIsNamed() {
        refused(
                "[[registry]]\nlocation = \"a.example.com\"\n[[registry.mirror]]\nlocation = \"b.example.com\"\n"
                        + "pull-from-mirror = \"never\"\n",
                "The file has pull-from-mirror = \"never\". Write \"all\", \"digest-only\" or \"tag-only\".");
    }

    private void refused(String text, String message) {
        assertThatThrownBy(() -> conf(text))
                .isInstanceOf(RequestFailure.class)
                .message()
                .startsWith(folder.resolve("registries.conf") + ": " + message);
    }
}
