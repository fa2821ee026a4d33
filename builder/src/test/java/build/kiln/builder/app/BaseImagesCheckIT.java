package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.BaseImagesCheck;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.testing.DockerRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether a base image has moved, asked of a real registry.
class BaseImagesCheckIT {

    @TempDir
    private Path folder;

    private DockerRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.plain(Files.createDirectory(folder.resolve("registry")));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void aTagThatLeadsToWhatItLedToHasNotMovedAndOneThatWasPushedAnewHas() throws Exception {
        push("1");
        ImageReference base = ImageReference.parse(registry.host() + "/base:1");
        ImageReference missing = ImageReference.parse(registry.host() + "/base:2");
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BaseImagesCheck check = new BaseImagesCheck(client, Progress.none(), Clock.systemUTC());
            Digest first = client.resolve(base).descriptor().digest();
            assertThat(check.moved(Map.of(base, first))).isEmpty();
            push("2");
            Digest second = client.digest(base);
            assertThat(second).isNotEqualTo(first);
            assertThat(check.moved(Map.of(base, first))).containsExactly(Map.entry(base, second));
            assertThat(check.moved(Map.of(base.withDigest(first), first))).isEmpty();
            assertThatThrownBy(() -> check.moved(Map.of(missing, first)))
                    .isInstanceOfSatisfying(
                            RegistryFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.ImageNotFound))
                    .hasMessageContaining(missing.toString());
        }
    }

    private void push(String content) throws Exception {
        Path context = Files.createDirectory(folder.resolve("context-" + content));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nLABEL content=" + content + "\n");
        CommandLineRun run = CommandLineRun.of(
                folder, Map.of(), List.of("build", "--push", "-t", registry.host() + "/base:1", context.toString()));
        assertThat(run.status()).as(run.err()).isZero();
    }
}
