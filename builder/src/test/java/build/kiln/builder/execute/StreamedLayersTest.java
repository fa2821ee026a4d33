package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.registry.RetryPolicy;
import build.kiln.builder.registry.Timeouts;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import build.kiln.builder.testing.ImageValidator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A layer that goes to the registry while it is made, with every fault at every request: the image is always the same,
/// and the layer is sent once if nothing goes wrong.
@Timeout(20)
class StreamedLayersTest {

    private static final RegistrySettings QUICK = RegistrySettings.defaults(Clock.systemUTC())
            .withRetry(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(20)))
            .withTimeouts(new Timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(250)));

    private static final byte[] TAR = new byte[3 << 20];

    static {
        new Random(5).nextBytes(TAR);
    }

    private static final Descriptor LAYER = new Descriptor(MediaTypes.OCI_LAYER, Digest.of(TAR), TAR.length);

    @TempDir
    private Path folder;

    @Test
    void aLayerIsSentOnceAndNobodyAsksForItFirst() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            push(fake, TAR.length);
            new ImageValidator(fake.uri()).validate("team/app", "1");
            assertThat(requests(fake, "PATCH")).as("the layer").isOne();
            assertThat(requests(fake, "PUT", "/blobs/uploads/"))
                    .as("the layer's end, and the config")
                    .isEqualTo(2);
            assertThat(fake.requests().stream()
                            .filter(request -> request.method().equals("HEAD")
                                    && request.path().endsWith(LAYER.digest().toString())))
                    .isEmpty();
        }
    }

    @Test
    void aSmallLayerIsSentWhenItIsWhole() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            push(fake, 100_000);
            new ImageValidator(fake.uri()).validate("team/app", "1");
            assertThat(requests(fake, "PATCH")).isZero();
            assertThat(requests(fake, "PUT", "/blobs/uploads/")).isEqualTo(2);
        }
    }

    @Test
    void twoRepositoriesOfOneRegistryGetItBySendingAndByMounting() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            ImageReference first = ImageReference.parse(fake.host() + "/team/app:1");
            push(TAR.length, List.of(first, ImageReference.parse(fake.host() + "/team/copy:1")));
            new ImageValidator(fake.uri()).validate("team/app", "1");
            new ImageValidator(fake.uri()).validate("team/copy", "1");
            assertThat(requests(fake, "PATCH")).isOne();
            assertThat(requests(fake, "PUT", "/blobs/uploads/"))
                    .as("the layer's end, and a config for each")
                    .isEqualTo(3);
        }
    }

    @Test
    void whatHasNotBeenAllowedIsNotStreamed() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            // The root, and the first attempts at opening an upload.
            fake.misbehave(number -> number > 0 && number < 4 ? Fault.INTERNAL_ERROR : Fault.NONE);
            push(fake, TAR.length);
            new ImageValidator(fake.uri()).validate("team/app", "1");
            assertThat(requests(fake, "PATCH")).isZero();
        }
    }

    @Test
    void aLayerThatIsNotFinishedIsCancelled() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start();
                Registry registry = Registry.open(QUICK);
                RegistryOutput output = output(registry, List.of(ImageReference.parse(fake.host() + "/team/app:1")))) {
            output.check();
            BlobBeingMade blob = new BlobBeingMade(folder.resolve("broken"));
            try (OutputStream out = BlobBeingMade.output(folder.resolve("broken"), blob)) {
                output.begins(blob);
                out.write(TAR, 0, TAR.length / 2);
                await(() -> requests(fake, "PATCH") == 1);
            }
            blob.end();
            await(() -> fake.openUploads() == 0);
            assertThat(fake.blobCount("team/app")).isZero();
        }
    }

    @Test
    void aRegistryThatTakesNothingDoesNotKeepTheLayerFromBeingMade() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start();
                Registry registry = Registry.open(QUICK.withTimeouts(Timeouts.DEFAULT));
                RegistryOutput output = output(registry, List.of(ImageReference.parse(fake.host() + "/team/app:1")))) {
            output.check();
            int before = fake.requests().size();
            fake.misbehave(number -> number > before ? Fault.STALL_IN_BODY : Fault.NONE);
            BlobBeingMade blob = new BlobBeingMade(folder.resolve("long"));
            try (OutputStream out = BlobBeingMade.output(folder.resolve("long"), blob)) {
                output.begins(blob);
                for (int i = 0; i < 20; i++) { // more than all buffers on the way hold
                    out.write(TAR, 0, TAR.length);
                }
            }
            assertThat(folder.resolve("long")).hasSize(20L * TAR.length);
            blob.end();
        }
    }

    @TestFactory
    Stream<DynamicTest> aFaultAtAnyRequestEndsInTheSameImage() throws Exception {
        int requests;
        try (FakeRegistry fake = FakeRegistry.start()) {
            push(fake, TAR.length);
            requests = fake.requests().size();
        }
        List<Fault> faults = List.of(
                Fault.TOO_MANY_REQUESTS,
                Fault.BUSY_FOR_AN_HOUR,
                Fault.INTERNAL_ERROR,
                Fault.HANG_UP,
                Fault.LOSE_ANSWER,
                Fault.RESET_IN_BODY,
                Fault.REFUSE_IN_BODY,
                Fault.SLOW_BODY,
                Fault.STALL_IN_BODY);
        return faults.stream()
                .flatMap(fault -> IntStream.range(0, requests)
                        .mapToObj(at -> dynamicTest(fault + " at request " + (at + 1), () -> faultAt(fault, at))));
    }

    private void faultAt(Fault fault, int at) throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            fake.misbehave(number -> number == at ? fault : Fault.NONE);
            boolean isPushed = true;
            try {
                push(fake, TAR.length);
            } catch (RegistryFailure e) {
                // Nobody waits for an hour, and the next attempt is the next build's.
                assertThat(fault).isEqualTo(Fault.BUSY_FOR_AN_HOUR);
                isPushed = false;
            }
            fake.misbehave(_ -> Fault.NONE);
            if (isPushed) {
                new ImageValidator(fake.uri()).validate("team/app", "1");
                assertThat(fake.blob("team/app", LAYER.digest().toString())).isEqualTo(TAR);
                if (fake.requests().get(at).method().equals("PATCH")) {
                    await(() -> fake.openUploads() == 0);
                }
            }
        }
    }

    private void push(FakeRegistry fake, int bytes) throws IOException {
        push(bytes, List.of(ImageReference.parse(fake.host() + "/team/app:1")));
    }

    /// What a build does that makes one layer.
    private void push(int bytes, List<ImageReference> targets) throws IOException {
        try (Registry registry = Registry.open(QUICK);
                RegistryOutput output = output(registry, targets)) {
            output.check();
            Path aside = Files.createTempFile(folder, "aside", "");
            BlobBeingMade blob = new BlobBeingMade(aside);
            try (OutputStream out = BlobBeingMade.output(aside, blob)) {
                output.begins(blob);
                for (int at = 0; at < bytes; at += 1 << 18) {
                    out.write(TAR, at, Math.min(1 << 18, bytes - at));
                }
            }
            Digest digest = Digest.of(Arrays.copyOf(TAR, bytes));
            Descriptor whole = new Descriptor(MediaTypes.OCI_LAYER, digest, bytes);
            blob.completed(whole);
            Path published = Files.move(aside, folder.resolve("published-" + aside.getFileName()));
            LayerRef.Made made =
                    new LayerRef.Made(new DiffId(digest), Map.of("none", whole), Instant.EPOCH, "COPY big /");
            LayerSource source = new OneFile(published, whole);
            output.layer(made, source);
            output.finish(
                    new BuiltImages(List.of(image(made, source)), BuiltImages.Form.MANIFEST, Map.of(), Map.of()),
                    () -> {});
        }
    }

    private static RegistryOutput output(Registry registry, List<ImageReference> targets) {
        return new RegistryOutput(registry, targets, Progress.none(), Clock.systemUTC());
    }

    private static long requests(FakeRegistry fake, String method) {
        return requests(fake, method, "");
    }

    private static long requests(FakeRegistry fake, String method, String path) {
        return fake.requests().stream()
                .filter(request ->
                        request.method().equals(method) && request.path().contains(path))
                .count();
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        for (int i = 0; i < 2000 && !condition.holds(); i++) {
            Thread.sleep(5);
        }
        assertThat(condition.holds()).isTrue();
    }

    private static BuiltImage image(LayerRef.Made layer, LayerSource source) {
        ImageConfig config = new ImageConfig(
                null, null, Platform.ofThisMachine(), ContainerConfig.EMPTY, List.of(layer.diffId()), List.of());
        byte[] json = config.toJson();
        ImageManifest manifest = new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(json), json.length),
                List.of(source.blob(layer)),
                Map.of());
        return new BuiltImage(manifest, config, Map.of(), List.of(layer), source, List.of(), List.of());
    }

    /// The only layer, in the cache.
    private record OneFile(Path file, Descriptor descriptor) implements LayerSource {

        @Override
        public Descriptor blob(LayerRef layer) {
            return descriptor;
        }

        @Override
        public InputStream open(LayerRef layer) {
            try {
                return Files.newInputStream(file);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public InputStream open(LayerRef layer, Descriptor blob) {
            return open(layer);
        }

        @Override
        public Packed inImage(LayerRef.Made layer) {
            return new Packed("none", descriptor);
        }

        @Override
        public Packed packed(LayerRef.Made layer, Compressor compressor) {
            return inImage(layer);
        }

        @Override
        public void announceCopy(LayerRef.Base layer) {
            throw new AssertionError("there is no base");
        }

        @Override
        public List<ImageReference> knownIn(LayerRef layer, Descriptor blob) {
            return List.of();
        }

        @Override
        public Path directory(LayerRef layer) {
            throw new AssertionError("nobody reads files of an image that is pushed");
        }

        @Override
        public LayerIndex index(LayerRef layer) {
            throw new AssertionError("nobody reads files of an image that is pushed");
        }

        @Override
        public FileContent content(LayerRef layer, LayerPath path, long sizeBytes) {
            throw new AssertionError("nobody reads files of an image that is pushed");
        }
    }
}
