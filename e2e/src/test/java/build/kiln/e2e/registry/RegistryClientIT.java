package build.kiln.e2e.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.e2e.registry.PulledImage.ImageFile;
import build.kiln.local.cluster.RegistryProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real registry.
class RegistryClientIT {

    @TempDir
    Path folder;

    private RegistryProcess process;
    private RegistryClient registry;
    private Path busybox;

    @BeforeEach
    void start() throws Exception {
        Process found = new ProcessBuilder("sh", "-c", "PATH=$PATH:/usr/sbin command -v docker-registry").start();
        found.getInputStream().readAllBytes();
        assumeTrue(found.waitFor() == 0, "docker-registry is not installed");
        process = RegistryProcess.start(folder.resolve("registry"));
        registry = RegistryClient.connect(process.address(), Optional.empty(), Optional.empty());
        busybox = Files.writeString(folder.resolve("busybox"), "no real program");
    }

    @AfterEach
    void stop() {
        if (process != null) {
            process.close();
        }
    }

    private SeedImage image() throws Exception {
        Path content = Files.createDirectories(folder.resolve("content/deep"));
        Files.writeString(content.resolve("page"), "hello\n");
        return SeedImage.ofBusybox(busybox, List.of("bin/ls", "usr/bin/awk", "linuxrc"))
                .with(folder.resolve("content"), "site");
    }

    @Test
    void imageComesBackAsItWasPushed() throws Exception {
        assertThat(registry.isPlain()).isTrue();
        String digest = image().push(registry, "it/image", "1", "amd64");
        assertThat(registry.resolve("it/image", "1")).isEqualTo(digest);
        PulledImage pulled = PulledImage.pull(registry, "it/image", digest);
        assertThat(pulled.config().path("architecture").asText()).isEqualTo("amd64");
        assertThat(pulled.files())
                .containsEntry("/site/deep/page", new ImageFile(0644, 0, 0, "hello\n"))
                .containsEntry("/tmp", new ImageFile(01777, 0, 0, ""))
                .containsEntry("/bin/ls", new ImageFile(0777, 0, 0, "/bin/busybox"))
                .containsKeys("/usr/bin/awk", "/etc/passwd")
                .doesNotContainKey("/linuxrc");
        assertThat(image().push(registry, "it/image", "2", "amd64"))
                .as("the same content is the same image")
                .isEqualTo(digest);
    }

    @Test
    void layerThatIsNotWhatItsDigestSaysIsNoticed() throws Exception {
        String digest = image().push(registry, "it/image", "1", "amd64");
        try (Stream<Path> files = Files.walk(folder.resolve("registry/storage"))) {
            Path layer = files.filter(file -> file.endsWith("data"))
                    .max(java.util.Comparator.comparingLong(
                            file -> file.toFile().length()))
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(layer);
            // The operating system's byte in the header of gzip: what is in it stays the same.
            bytes[9] ^= 1;
            Files.write(layer, bytes);
        }
        assertThatThrownBy(() -> PulledImage.pull(registry, "it/image", digest))
                .isInstanceOf(RegistryFailure.class)
                .hasMessageStartingWith("The digest of a layer of it/image is sha256:");
    }

    @Test
    void whatIsNotThereIsSaidWithTheAddress() {
        assertThatThrownBy(() -> registry.resolve("it/none", "1"))
                .isInstanceOf(RegistryFailure.class)
                .hasMessage("GET http://%s/v2/it/none/manifests/1 answers 404; expected was 200."
                        .formatted(registry.address()));
    }

    @Test
    void archiveThatIsNoneIsSaidByName() throws Exception {
        Path archive = Files.write(folder.resolve("operator.tar"), "no tar".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> OciArchive.push(archive, registry, "it/operator", "1", folder))
                .isInstanceOf(RegistryFailure.class)
                .hasMessageContaining(archive.toString())
                .hasMessageContaining("Expected is an image as \"./kiln images\" writes it.");
    }
}
