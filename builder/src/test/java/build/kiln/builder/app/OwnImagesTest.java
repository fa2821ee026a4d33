package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Dockerfiles of Kiln's own images. `./kiln images` builds them, which needs Debian's packages and minutes.
class OwnImagesTest {

    private static final Path PROJECT = Path.of("..");
    private static final Pattern COPY = Pattern.compile("(?m)^COPY (?:--chmod=\\S+ )*([^-\\s]\\S*(?: \\S+)*) \\S+$");
    private static final Pattern BIND = Pattern.compile("--mount=type=bind,source=([^,\\s]+),target=");
    private static final Pattern ENTRY = Pattern.compile("(?m)^ENTRYPOINT \\[.*\"(build\\.kiln\\.[\\w.]+)\"]$");

    @TempDir
    private Path own;

    @ParameterizedTest
    @ValueSource(strings = {"debian", "operator", "builder"})
    void kilnHasNothingToSayAgainstTheDockerfile(String image) throws IOException {
        CommandLineRun run = CommandLineRun.of(
                own,
                Map.of(),
                List.of(
                        "build",
                        "--check",
                        "--file=" + dockerfile(image),
                        "--build-context=debian=docker-image://scratch",
                        "--build-context=jdk=" + own,
                        "--build-context=apt=" + own,
                        PROJECT.toString()));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("Check complete, no warnings found.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "builder"})
    void theSourcesThatItCopiesAreThere(String image) throws IOException {
        String text = Files.readString(dockerfile(image));
        List<String> named = Stream.concat(
                        COPY.matcher(text).results(), BIND.matcher(text).results())
                .flatMap((MatchResult m) -> Pattern.compile(" ").splitAsStream(m.group(1)))
                .toList();
        assertThat(named).contains(image + "/target/lib").allSatisfy(source -> {
            if (!source.endsWith("/target/lib")) {
                assertThat(PROJECT.resolve(source)).exists();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "builder"})
    void theProgramThatItStartsIsThere(String image) throws IOException {
        var entry = ENTRY.matcher(Files.readString(dockerfile(image)));
        assertThat(entry.find()).isTrue();
        assertThat(PROJECT.resolve(image)
                        .resolve("src/main/java")
                        .resolve(entry.group(1).replace('.', '/') + ".java"))
                .content()
                .contains("public static void main(String[]");
    }

    private static Path dockerfile(String image) {
        return PROJECT.resolve("images").resolve(image).resolve("Dockerfile");
    }
}
