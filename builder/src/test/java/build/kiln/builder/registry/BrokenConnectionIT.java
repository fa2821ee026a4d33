package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.testing.BreakingProxy;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connections to a real registry that are reset after any number of bytes.
class BrokenConnectionIT {

    private static final int BREAKS = 40;
    private static final TestImage IMAGE = TestImage.of(41, 2 << 20);

    @TempDir
    static Path folder;

    static DockerRegistry server;
    static BreakingProxy proxy;
    static ImageValidator validator;

    @BeforeAll
    static void start() throws Exception {
        server = DockerRegistry.plain(folder);
        proxy = BreakingProxy.before(server.host());
        validator = new ImageValidator(server.uri());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            proxy.close();
            server.close();
        }
    }

    private interface Work {
        void with(Registry registry, int round) throws Exception;
    }

    /// Measures how many bytes the work moves, and then breaks a connection at points all over that.
    private static void breaking(Work work) throws Exception {
        long before = proxy.passedBytes();
        try (Registry registry = Registry.open(FaultsTest.QUICK)) {
            work.with(registry, -1);
        }
        long all = proxy.passedBytes() - before;
        Random random = new Random(7);
        int broken = 0;
        for (int round = 0; round < BREAKS; round++) {
            // A third of them among the small requests at the beginning and at the end.
            long at = switch (round % 3) {
                case 0 -> random.nextLong(Math.min(all, 3000));
                case 1 -> all - random.nextLong(Math.min(all, 3000));
                default -> random.nextLong(all);
            };
            proxy.breakAfter(at);
            try (Registry registry = Registry.open(FaultsTest.QUICK)) {
                work.with(registry, round);
            }
            broken += proxy.broke() ? 1 : 0;
        }
        assertThat(broken).as("connections that were broken").isGreaterThan(BREAKS * 3 / 4);
    }

    @Test
    void pushSurvivesAResetAnywhere() throws Exception {
        breaking((registry, round) -> {
            // A repository of its own, and a registry that deduplicates nothing between them.
            ImageReference target = ImageReference.parse(proxy.host() + "/push/app" + round + ":1");
            IMAGE.push(registry, target);
            validator.validate("push/app" + round, "1");
        });
    }

    @Test
    void liveUploadSurvivesAResetAnywhere() throws Exception {
        breaking((registry, round) -> {
            ImageReference target = ImageReference.parse(proxy.host() + "/live/app" + round + ":1");
            try (BlobUpload upload = registry.upload(target)) {
                upload.send(new ByteArrayInputStream(IMAGE.layer()));
                if (upload.finish(IMAGE.layerDescriptor()) instanceof UploadOutcome.Broken) {
                    registry.push(
                            target, IMAGE.layerDescriptor(), List.of(), () -> new ByteArrayInputStream(IMAGE.layer()));
                }
            }
            IMAGE.push(registry, target);
            validator.validate("live/app" + round, "1");
        });
    }

    @Test
    void pullSurvivesAResetAnywhere() throws Exception {
        try (Registry registry = Registry.open(FaultsTest.QUICK)) {
            IMAGE.push(registry, ImageReference.parse(server.host() + "/pull/app:1"));
        }
        breaking((registry, _) -> {
            ImageReference image = ImageReference.parse(proxy.host() + "/pull/app:1");
            PulledImage pulled = registry.image(image, TestImage.PLATFORM);
            try (InputStream layer =
                    registry.pull(image, pulled.manifest().layers().getFirst())) {
                assertThat(layer.readAllBytes()).isEqualTo(IMAGE.layer());
            }
        });
    }
}
