package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
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

    @Test
    @InNamespaces
    void aBaseLayerThatIsDamagedInTheCacheIsPulledAgain() throws Exception {
        Path context = Files.createDirectory(own.resolve("context"));
        try (DockerRegistry registry = DockerRegistry.plain(own);
                Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            ImageReference base = ImageReference.parse(registry.host() + "/base:1");
            BusyboxImage.push(client, base);
            Files.writeString(context.resolve("Dockerfile"), "FROM " + base + "\nRUN true\n");
            Path blobs = Files.createDirectories(own.resolve("cache/blobs/sha256"));
            for (Descriptor layer :
                    ImageManifest.parse(client.resolve(base).json()).layers()) {
                Files.write(blobs.resolve(layer.digest().hex()), client.pullWhole(base, layer));
            }
            damageBlobs();

            LocalRuns.Ended built = build(context);

            assertThat(built.status()).as(built.err()).isZero();
            assertThat(built.err()).contains("of a base image was damaged in the cache, and is not used any more.");
        }
    }

    /// A directory gives an error in place of bytes, as a bad block does.
    @Test
    void aBlobThatCannotBeReadIsMadeAnew() throws Exception {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), """
                FROM scratch AS a
                COPY file /file
                FROM scratch
                COPY --from=a /file /copy
                """);
        Path empty = Files.createDirectory(own.resolve("empty"));
        int size = (int) Files.size(empty);
        assumeThat(size).as("bytes that a directory says it has").isGreaterThan(2048);
        Files.writeString(context.resolve("file"), "x".repeat(size - 1536));
        LocalRuns.Ended first = build(context);
        assertThat(first.status()).as(first.err()).isZero();
        int replaced = 0;
        for (Path blob : blobs()) {
            if (Files.size(blob) == size) {
                Files.delete(blob);
                Files.createDirectory(blob);
                replaced++;
            }
        }
        assertThat(replaced).as("layers that are kept as they are").isEqualTo(1);
        Files.writeString(
                context.resolve("Dockerfile"),
                Files.readString(context.resolve("Dockerfile")).replace("/copy", "/other"));
        Leftovers.delete(own.resolve("cache/layers"));

        LocalRuns.Ended again = build(context);

        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.err()).contains("was damaged, and is not used any more.");
    }

    private List<Path> blobs() throws IOException {
        try (Stream<Path> blobs = Files.list(own.resolve("cache/blobs/sha256"))) {
            return blobs.toList();
        }
    }

    private void damageBlobs() throws IOException {
        for (Path blob : blobs()) {
            byte[] bytes = Files.readAllBytes(blob);
            bytes[bytes.length / 2] ^= 4;
            Files.write(blob, bytes);
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
