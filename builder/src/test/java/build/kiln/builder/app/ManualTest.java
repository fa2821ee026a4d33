package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.failure.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// The manual names every flag and every reason, and its command works.
class ManualTest {

    private static final Path PROJECT = Path.of("..");

    @TempDir
    private Path own;

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonHasItsEntry(Reason reason) throws IOException {
        assertThat(Files.readString(PROJECT.resolve("docs/errors.md"))).contains("| `" + reason + "` |");
    }

    @Test
    void everyFlagHasItsLine() throws IOException {
        String page = Files.readString(PROJECT.resolve("docs/cli.md"));
        CommandLine command = new CommandLine(new BuildCommand(environment(new ByteArrayOutputStream())).spec());
        assertThat(command.getCommandSpec().options().stream()
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .flatMap(option -> Arrays.stream(option.names())))
                .allSatisfy(name -> assertThat(page).contains("`" + name));
    }

    @Test
    void theExampleOfTheReadmeBuilds() {
        Path image = own.resolve("notice.tar");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                environment(err),
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                "--output",
                "type=oci,dest=" + image,
                PROJECT.resolve("examples/notice").toString());

        assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(image).isNotEmptyFile();
    }

    @Test
    void anUnknownFlagIsRefusedWithTheNearestOne() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(environment(err), "build", "--taget", "x", ".");

        assertThat(status).isEqualTo(64);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("ERROR: RequestInvalid: Unknown option")
                .contains("--target")
                .endsWith("\"kiln build --help\" lists the flags.\n");
    }

    private Environment environment(ByteArrayOutputStream err) {
        return new Environment(
                Map.of("HOME", own.toString()),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC());
    }
}
