package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import build.kiln.builder.failure.Reason;
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
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.registry.RetryPolicy;
import build.kiln.builder.registry.Timeouts;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import build.kiln.builder.testing.ImageValidator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// A whole image on its way to a registry, with one fault at each of its requests: a base layer that is mounted, two
/// layers that are sent, config, manifest and two tags.
class RegistryOutputFaultsTest {

    private static final RegistrySettings QUICK = RegistrySettings.defaults(Clock.systemUTC())
            .withRetry(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(20)))
            .withTimeouts(new Timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(250)));

    /// Those after which the same request may go well. What can be wrong with a body, the client's own tests look at.
    private static final List<Fault> PASSING =
            List.of(Fault.TOO_MANY_REQUESTS, Fault.INTERNAL_ERROR, Fault.HANG_UP, Fault.LOSE_ANSWER);

    /// Two layers and a config.
    private static final int TO_SEND = 3;

    private static final byte[] BASE = gzip(1);
    private static final byte[] FIRST = gzip(2);
    private static final byte[] SECOND = gzip(3);

    @TestFactory
    Stream<DynamicTest> aFaultThatPassesCostsNoMoreThanOneSending() {
        int requests = cleanRun();
        return PASSING.stream()
                .flatMap(fault -> IntStream.range(0, requests)
                        .mapToObj(at -> dynamicTest(fault + " at request " + (at + 1), () -> {
                            try (FakeRegistry fake = seeded()) {
                                fake.misbehave(number -> number == at ? fault : Fault.NONE);
                                push(fake);
                                fake.misbehave(_ -> Fault.NONE);
                                ImageValidator validator = new ImageValidator(fake.uri());
                                assertThat(validator.validate("team/app", "1"))
                                        .isEqualTo(validator.validate("team/app", "2"));
                                assertThat(sendings(fake)).isLessThanOrEqualTo(5);
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> aFaultThatStaysLeavesNoTagAndThenOnlyWhatIsMissingIsSent() {
        int requests = cleanRun();
        return IntStream.range(1, requests)
                .mapToObj(from -> dynamicTest("down from request " + (from + 1) + " on", () -> {
                    try (FakeRegistry fake = seeded()) {
                        fake.misbehave(number -> number >= from ? Fault.BUSY_FOR_AN_HOUR : Fault.NONE);
                        RegistryFailure failure = failureOf(fake);
                        fake.misbehave(_ -> Fault.NONE);
                        if (failure != null) {
                            assertThat(failure.reason()).isEqualTo(Reason.RegistryUnavailable);
                            assertThat(RegistryOutput.pending(failure).getMessage())
                                    .matches("All steps are done and kept in the cache; only the push is left. Push to "
                                            + fake.host() + "/team/app:[12] ended without result: .*")
                                    .endsWith(" The next build sends what is there, and runs no step again.");
                        }
                        if (fake.hasManifest("team/app", "1")) {
                            new ImageValidator(fake.uri()).validate("team/app", "1");
                        }
                        fake.awaitIdle();
                        boolean hasBase = fake.blob("team/app", Digest.of(BASE).toString()) != null;
                        long there = fake.blobCount("team/app") - (hasBase ? 1 : 0);
                        fake.forget();
                        push(fake);
                        new ImageValidator(fake.uri()).validate("team/app", "2");
                        assertThat(sendings(fake))
                                .as("what the registry lacked of two layers and a config, and the base is mounted")
                                .isEqualTo(TO_SEND - there);
                    }
                }));
    }

    private static int cleanRun() {
        try (FakeRegistry fake = seeded()) {
            push(fake);
            assertThat(sendings(fake)).isEqualTo(3);
            return fake.requests().size();
        }
    }

    /// How many blobs were sent as far as the registry looked at them.
    private static long sendings(FakeRegistry fake) {
        return fake.requests().stream()
                .filter(request ->
                        request.method().equals("PUT") && request.path().contains("/uploads/"))
                .count();
    }

    private static FakeRegistry seeded() {
        FakeRegistry fake = FakeRegistry.start();
        fake.putBlob("team/base", BASE);
        return fake;
    }

    private static @Nullable RegistryFailure failureOf(FakeRegistry fake) {
        try {
            push(fake);
            return null;
        } catch (RegistryFailure e) {
            return e;
        }
    }

    /// What a build does with its registry, from the first question to the last tag.
    private static void push(FakeRegistry fake) {
        ImageReference target = ImageReference.parse(fake.host() + "/team/app:1");
        Bytes bytes = new Bytes(ImageReference.parse(fake.host() + "/team/base:1"));
        List<LayerRef> layers = List.of(bytes.base(BASE), bytes.made(FIRST), bytes.made(SECOND));
        try (Registry registry = Registry.open(QUICK);
                RegistryOutput output = new RegistryOutput(
                        registry, List.of(target, target.withTag("2")), Progress.none(), Clock.systemUTC())) {
            output.check();
            layers.forEach(layer -> output.layer(layer, bytes));
            output.finish(
                    new BuiltImages(List.of(image(layers, bytes)), BuiltImages.Form.MANIFEST, Map.of(), Map.of()),
                    () -> {});
        }
    }

    private static BuiltImage image(List<LayerRef> layers, Bytes bytes) {
        ImageConfig config = new ImageConfig(
                null,
                null,
                Platform.ofThisMachine(),
                ContainerConfig.EMPTY,
                layers.stream().map(LayerRef::diffId).toList(),
                List.of());
        byte[] json = config.toJson();
        ImageManifest manifest = new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(json), json.length),
                layers.stream().map(bytes::blob).toList(),
                Map.of());
        return new BuiltImage(manifest, config, Map.of(), layers, bytes, List.of(), List.of());
    }

    private static byte[] gzip(long seed) {
        byte[] content = uncompressed(seed);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    private static byte[] uncompressed(long seed) {
        byte[] content = new byte[150_000];
        new Random(seed).nextBytes(content);
        return content;
    }

    /// Layers in memory.
    private static final class Bytes implements LayerSource {

        private final ImageReference home;
        private final Map<DiffId, byte[]> all = new HashMap<>();

        Bytes(ImageReference home) {
            this.home = home;
        }

        private DiffId add(byte[] blob) {
            long seed = Arrays.equals(blob, BASE) ? 1 : Arrays.equals(blob, FIRST) ? 2 : 3;
            DiffId diffId = new DiffId(Digest.of(uncompressed(seed)));
            all.put(diffId, blob);
            return diffId;
        }

        LayerRef base(byte[] blob) {
            return new LayerRef.Base(add(blob), descriptor(blob), new ImageHome.Repository(home));
        }

        LayerRef made(byte[] blob) {
            return new LayerRef.Made(add(blob), Map.of("gzip", descriptor(blob)), Instant.EPOCH, "RUN make");
        }

        private static Descriptor descriptor(byte[] blob) {
            return new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.of(blob), blob.length);
        }

        @Override
        public Descriptor blob(LayerRef layer) {
            return descriptor(Objects.requireNonNull(all.get(layer.diffId())));
        }

        @Override
        public Packed inImage(LayerRef.Made layer) {
            return new Packed("gzip", blob(layer));
        }

        @Override
        public Packed packed(LayerRef.Made layer, Compressor compressor) {
            return inImage(layer);
        }

        @Override
        public InputStream open(LayerRef layer) {
            return new ByteArrayInputStream(Objects.requireNonNull(all.get(layer.diffId())));
        }

        @Override
        public InputStream open(LayerRef layer, Descriptor blob) {
            return open(layer);
        }

        @Override
        public void announceCopy(LayerRef.Base layer) {
            throw new AssertionError("the base lies in the registry of the target");
        }

        @Override
        public List<ImageReference> knownIn(LayerRef layer, Descriptor blob) {
            return layer instanceof LayerRef.Base ? List.of(home) : List.of();
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
