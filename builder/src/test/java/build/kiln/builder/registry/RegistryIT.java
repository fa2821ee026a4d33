package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryIT {

    @TempDir
    static Path folder;

    static DockerRegistry server;
    static Registry registry;

    @BeforeAll
    static void start() throws Exception {
        server = DockerRegistry.plain(folder);
        registry = Registry.open(RegistrySettings.defaults(Clock.systemUTC()));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            registry.close();
            server.close();
        }
    }

    private static ImageReference name(String rest) {
        return ImageReference.parse(server.host() + "/" + rest);
    }

    @Test
    void pushedImageIsPulledBackWhole() throws Exception {
        TestImage image = TestImage.of(1, 3 << 20);
        ImageReference target = name("team/app:1.0");

        Descriptor stored = image.push(registry, target);

        new ImageValidator(server.uri()).validate("team/app", stored.digest().toString());
        new ImageValidator(server.uri()).validate("team/app", "1.0");
        PulledImage pulled = registry.image(target, TestImage.PLATFORM);
        assertThat(pulled.descriptor()).isEqualTo(stored);
        assertThat(pulled.image()).isEqualTo(target.withDigest(stored.digest()));
        assertThat(pulled.configJson()).isEqualTo(image.config());
        try (InputStream layer =
                registry.pull(target, pulled.manifest().layers().getFirst())) {
            assertThat(layer.readAllBytes()).isEqualTo(image.layer());
        }
    }

    @Test
    void liveUploadIsThereWithoutSecondSending() throws Exception {
        TestImage image = TestImage.of(2, 5 << 20);
        ImageReference target = name("team/live");

        try (BlobUpload upload = registry.upload(target)) {
            upload.send(new ByteArrayInputStream(image.layer()));
            assertThat(upload.finish(image.layerDescriptor())).isEqualTo(new UploadOutcome.Stored());
        }

        registry.push(target, image.layerDescriptor(), List.of(), () -> {
            throw new AssertionError("the blob is there already");
        });
        try (InputStream layer = registry.pull(target, image.layerDescriptor())) {
            assertThat(layer.readAllBytes()).isEqualTo(image.layer());
        }
    }

    @Test
    void cancelledUploadLeavesNothing() throws Exception {
        BlobUpload upload = registry.upload(name("team/cancelled"));
        upload.send(new ByteArrayInputStream(new byte[1 << 20]));
        upload.close();

        Path blobs = server.storage().resolve("docker/registry/v2/repositories/team/cancelled/_layers");
        assertThat(blobs).doesNotExist();
    }

    @Test
    void checkBeforeTheBuildLeavesNoUpload() throws Exception {
        registry.checkPush(name("team/checked"));

        Path uploads = server.storage().resolve("docker/registry/v2/repositories/team/checked/_uploads");
        try (Stream<Path> left = Files.walk(uploads)) {
            // The registry itself leaves the state of the hash behind, which is no upload.
            assertThat(left.map(path -> path.getFileName().toString())).doesNotContain("startedat", "data");
        }
    }

    @Test
    void blobOfAnotherRepositoryIsMounted() {
        TestImage image = TestImage.of(3, 1 << 20);
        image.push(registry, name("team/base:1"));

        registry.push(name("team/derived"), image.layerDescriptor(), List.of(name("team/base")), () -> {
            throw new AssertionError("a mount sends no bytes");
        });

        assertThat(registry.exists(name("team/derived"), image.layerDescriptor().digest()))
                .isTrue();
    }

    @Test
    void blobIsCopiedFromRegistryToRegistry(@TempDir Path second) throws Exception {
        TestImage image = TestImage.of(4, 3 << 20);
        image.push(registry, name("team/origin:1"));
        try (DockerRegistry other = DockerRegistry.plain(second)) {
            ImageReference target = ImageReference.parse(other.host() + "/copies/app:1");
            registry.copy(name("team/origin:1"), target, image.layerDescriptor());
            registry.copy(name("team/origin:1"), target, image.configDescriptor());
            Descriptor stored = registry.pushManifest(target, MediaTypes.OCI_MANIFEST, image.manifest());
            registry.tag(target, stored, image.manifest());

            new ImageValidator(other.uri()).validate("copies/app", "1");
        }
    }

    @Test
    void emptyBlobIsPushedAndPulled() throws Exception {
        Descriptor empty = TestImage.descriptor(MediaTypes.OCI_LAYER, new byte[0]);
        registry.push(name("team/empty"), empty, List.of(), () -> new ByteArrayInputStream(new byte[0]));
        try (InputStream in = registry.pull(name("team/empty"), empty)) {
            assertThat(in.readAllBytes()).isEmpty();
        }
    }

    @Test
    void foreignToolReadsWhatWasPushed() throws Exception {
        Tool.required("skopeo", "it reads pushed images with other code than Kiln's (package skopeo)");
        TestImage image = TestImage.of(5, 1 << 20);
        Descriptor stored = image.push(registry, name("team/foreign:1"));

        Path layout = folder.resolve("layout");
        Tool.run(
                folder,
                "skopeo",
                "--insecure-policy",
                "copy",
                "--src-tls-verify=false",
                "docker://" + server.host() + "/team/foreign@" + stored.digest(),
                "oci:" + layout + ":1");

        assertThat(Files.readAllBytes(
                        layout.resolve("blobs/sha256").resolve(stored.digest().hex())))
                .isEqualTo(image.manifest());
        assertThat(Files.readAllBytes(layout.resolve("blobs/sha256")
                        .resolve(image.layerDescriptor().digest().hex())))
                .isEqualTo(image.layer());
    }

    @Test
    void progressIsToldUntilTheLastByte() throws Exception {
        TestImage image = TestImage.of(6, 1 << 20);
        List<Transfer> seen = new CopyOnWriteArrayList<>();
        ImageReference target = name("team/progress:1");
        try (Registry told =
                Registry.open(RegistrySettings.defaults(Clock.systemUTC()).withListener(seen::add))) {
            told.push(target, image.layerDescriptor(), List.of(), () -> new ByteArrayInputStream(image.layer()));
            assertThat(seen).isNotEmpty().allMatch(transfer -> transfer.access() == Access.PUSH);
            assertThat(seen.getLast().doneBytes()).isEqualTo(image.layer().length);
            seen.clear();
            try (InputStream layer = told.pull(target, image.layerDescriptor())) {
                layer.readAllBytes();
            }
        }
        assertThat(seen).isNotEmpty().allMatch(transfer -> transfer.access() == Access.PULL);
        assertThat(seen.getLast())
                .isEqualTo(new Transfer(Access.PULL, target, image.layerDescriptor(), image.layer().length));
    }

    @Test
    void manyTransfersAtOnceShareTheRegistry() throws Exception {
        List<TestImage> images = IntStream.range(0, 20)
                .mapToObj(i -> TestImage.of(100 + i, 200_000))
                .toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Descriptor>> pushes = images.stream()
                    .map(image -> threads.submit(() -> image.push(registry, name("team/many:" + image.layer().length))))
                    .toList();
            for (Future<Descriptor> push : pushes) {
                new ImageValidator(server.uri())
                        .validate("team/many", push.get().digest().toString());
            }
        }
    }
}
