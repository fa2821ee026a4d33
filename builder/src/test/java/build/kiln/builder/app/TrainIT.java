package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class TrainIT {

    @TempDir
    private Path folder;

    @Test
    void allBuildsOfTheTrainingWorkAndTheThirdIsCached() throws Exception {
        Tool.required("busybox", "it is the shell of the base image");
        Path shell = Files.createDirectories(folder.resolve("base/bin")).resolve("sh");
        Files.copy(Path.of("/bin/busybox"), shell);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        Environment environment = new Environment(
                Map.of(
                        "HOME",
                        folder.toString(),
                        "PATH",
                        "/usr/bin:/bin",
                        "CONTAINERS_REGISTRIES_CONF",
                        folder.resolve("registries.conf").toString()),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                stream,
                Clock.systemUTC());
        int status = Kiln.run(environment, "train", folder.toString());
        String said = err.toString(StandardCharsets.UTF_8);
        assertThat(status).as(said).isZero();
        assertThat(said).contains("RUN echo 1 > /version", "CACHED");
    }
}
