package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers of RUN and COPY that leave while they are made.
@InNamespaces
class StreamedLayersIT {

    @TempDir
    private Path own;

    @Test
    void eachLargeLayerIsOneRequestAndIsNotAskedFor() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            CommandLineRun run = push(fake.host());

            assertThat(run.status()).as(run.err()).isZero();
            new ImageValidator(fake.uri()).validate("app", "1");
            assertThat(requests(fake, "PATCH", "")).as("COPY and RUN").isEqualTo(2);
            assertThat(requests(fake, "PUT", "/blobs/uploads/"))
                    .as("of the base one layer and a config; of the image two layers and a config")
                    .isEqualTo(5);
            assertThat(fake.openUploads()).isZero();
        }
    }

    @Test
    void aLayerWhoseRecordIsKnownIsAskedForFirst() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            push(fake.host());
            Path cache = own.resolve("cache");
            try (Stream<Path> blobs = Files.list(cache.resolve("blobs/sha256"));
                    Stream<Path> layers = Files.list(cache.resolve("layers/sha256"))) {
                Stream.concat(blobs, layers).forEach(Leftovers::delete);
            }
            long before = requests(fake, "PUT", "/blobs/uploads/");
            CommandLineRun again = build(fake.host());

            assertThat(again.status()).as(again.err()).isZero();
            assertThat(again.err()).contains("the layer of its record is gone from the volume");
            assertThat(requests(fake, "PATCH", ""))
                    .as("those of the first time")
                    .isEqualTo(2);
            assertThat(requests(fake, "PUT", "/blobs/uploads/") - before)
                    .as("of the RUN's bytes, which are random, and of the config")
                    .isEqualTo(2);
            new ImageValidator(fake.uri()).validate("app", "1");
        }
    }

    @Test
    void aRealRegistryHasTheSameImageAndNoUploadIsLeft() throws Exception {
        try (DockerRegistry registry = DockerRegistry.plain(own.resolve("registry"))) {
            CommandLineRun run = push(registry.host());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(new ImageValidator(registry.uri()).validate("app", "1")).hasSize(3);
            try (Stream<Path> left =
                    Files.walk(registry.storage().resolve("docker/registry/v2/repositories/app/_uploads"))) {
                assertThat(left.map(path -> path.getFileName().toString())).doesNotContain("startedat", "data");
            }
        }
    }

    private static long requests(FakeRegistry fake, String method, String path) {
        return fake.requests().stream()
                .filter(request ->
                        request.method().equals(method) && request.path().contains(path))
                .count();
    }

    private CommandLineRun push(String host) throws IOException {
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(host + "/base:1"));
        }
        Path context = Files.createDirectory(own.resolve("context"));
        byte[] random = new byte[2 << 20];
        new Random(3).nextBytes(random);
        Files.write(context.resolve("large"), random);
        Files.writeString(context.resolve("Dockerfile"), """
                FROM %s/base:1
                COPY large /
                RUN head -c 3000000 /dev/urandom > /made
                """.formatted(host));
        return build(host);
    }

    private CommandLineRun build(String host) {
        return CommandLineRun.of(
                own,
                Map.of(),
                List.of(
                        "build",
                        "--cache-dir",
                        own.resolve("cache").toString(),
                        "--push",
                        "-t",
                        host + "/app:1",
                        own.resolve("context").toString()));
    }
}
