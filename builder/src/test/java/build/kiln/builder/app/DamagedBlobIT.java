package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A blob whose bits have rotted in the cache never reaches a registry.
class DamagedBlobIT {

    @TempDir
    private Path own;

    @Test
    void aDamagedBlobIsMadeAnewBeforeItIsPushed() throws Exception {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY file /file\n");
        Files.writeString(context.resolve("file"), "content ".repeat(10_000));
        try (DockerRegistry registry = DockerRegistry.plain(own)) {
            LocalRuns.Ended first = build(context);
            assertThat(first.status()).as(first.err()).isZero();
            damageBlobs();

            LocalRuns.Ended pushed = build(context, "--push", "-t", registry.host() + "/app:1");

            assertThat(pushed.status()).as(pushed.err()).isZero();
            assertThat(pushed.out()).isEqualTo(first.out());
            assertThat(pushed.err()).contains("in the cache was damaged, and is not used.");
            assertThat(new ImageValidator(registry.uri()).validate("app", "1")).hasSize(1);
        }
    }

    private void damageBlobs() throws IOException {
        try (Stream<Path> blobs = Files.list(own.resolve("cache/blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                byte[] bytes = Files.readAllBytes(blob);
                bytes[bytes.length / 2] ^= 4;
                Files.write(blob, bytes);
            }
        }
    }

    private LocalRuns.Ended build(Path context, String... flags) {
        String[] all = new String[flags.length + 4];
        all[0] = "build";
        all[1] = "--cache-dir";
        all[2] = own.resolve("cache").toString();
        System.arraycopy(flags, 0, all, 3, flags.length);
        all[all.length - 1] = context.toString();
        return LocalRuns.run(own, all);
    }
}
