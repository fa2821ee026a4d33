package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a build says of its Dockerfile besides building it.
class LintOfBuildTest {

    @TempDir
    private Path own;

    @Test
    void warningsStandAtTheEndTogetherByRule() throws IOException {
        CommandLineRun run = build("FROM scratch\nMAINTAINER me\nENV A 1\nENV B 2\nCOPY Dockerfile /\n");

        assertThat(run.status()).isZero();
        assertThat(run.err()).endsWith("""

                3 warnings found:
                 - LegacyKeyValueFormat: ENV and LABEL have an = between name and value. (docs/lint/legacy-key-value-format.md)
                   Dockerfile:3: ENV has a blank between name and value. Write A=…, with quotes around a value that has blanks.
                   Dockerfile:4: ENV has a blank between name and value. Write B=…, with quotes around a value that has blanks.
                 - MaintainerDeprecated: The author is a label. (docs/lint/maintainer-deprecated.md)
                   Dockerfile:2: MAINTAINER is out of use. Write LABEL org.opencontainers.image.authors="…" instead.
                """);
    }

    @Test
    void aDockerfileThatWantsNoWarningsEndsWithTheFirst() throws IOException {
        CommandLineRun run = build("# check=error=true\nFROM scratch\nMAINTAINER me\nCOPY Dockerfile /\n");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.lastWord())
                .startsWith("ERROR: DockerfileInvalid: Dockerfile:3: The rule MaintainerDeprecated is broken, and"
                        + " \"error=true\" lets a warning end the build.");
    }

    private CommandLineRun build(String dockerfile) throws IOException {
        Files.writeString(own.resolve("Dockerfile"), dockerfile);
        return CommandLineRun.of(own, Map.of(), List.of("build", "--output=type=cacheonly", own.toString()));
    }
}
