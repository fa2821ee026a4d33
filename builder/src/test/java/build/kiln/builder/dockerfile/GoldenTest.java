package build.kiln.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.DockerfileFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Dockerfiles with what they parse to, and others with the whole text of their refusal.
///
/// After a wanted change `-Dkiln.golden=write` writes the answers anew; the difference is then read by a person.
class GoldenTest {

    private static final Path CASES = Path.of("src", "test", "resources", "build", "kiln", "builder", "dockerfile");
    private static final boolean WRITE = "write".equals(System.getProperty("kiln.golden"));

    @TestFactory
    Stream<DynamicTest> dockerfileParsesTo() throws IOException {
        return tests("parses", folder -> {
            byte[] text = Files.readAllBytes(folder.resolve("Dockerfile"));
            assertGolden(folder.resolve("parsed.json"), ModelJson.write(Dockerfile.parse("Dockerfile", text)));
        });
    }

    @TestFactory
    Stream<DynamicTest> dockerfileIsRefusedWith() throws IOException {
        return tests("rejects", folder -> {
            byte[] text = Files.readAllBytes(folder.resolve("Dockerfile"));
            DockerfileFailure failure =
                    catchThrowableOfType(DockerfileFailure.class, () -> Dockerfile.parse("Dockerfile", text));
            assertThat(failure).as("it was accepted").isNotNull();
            assertGolden(
                    folder.resolve("error.txt"),
                    failure.reason() + "\n" + failure.getMessage() + "\n> " + failure.lineText() + "\n");
        });
    }

    private interface Case {
        void run(Path folder) throws IOException;
    }

    private static Stream<DynamicTest> tests(String kind, Case test) throws IOException {
        try (Stream<Path> folders = Files.list(CASES.resolve(kind))) {
            return folders.sorted().toList().stream()
                    .map(folder -> DynamicTest.dynamicTest(
                            folder.getFileName().toString(), folder.toUri(), () -> test.run(folder)));
        }
    }

    private static void assertGolden(Path file, String actual) throws IOException {
        if (WRITE) {
            Files.writeString(file, actual);
        }
        assertThat(actual).isEqualTo(Files.readString(file));
    }
}
