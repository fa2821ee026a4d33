package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import build.kiln.builder.testing.ImageValidator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each fault at each request of a push and of a pull: the right bytes, or a clear word; never wrong ones.
class FaultsTest {

    static final RegistrySettings QUICK = RegistrySettings.defaults(Clock.systemUTC())
            .withRetry(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(20)))
            .withTimeouts(new Timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(250)));

    private static final TestImage IMAGE = TestImage.of(11, 300_000);

    @TestFactory
    Stream<DynamicTest> oneFaultAtAnyRequestOfPushIsOvercome() {
        return table(FaultsTest::push, FaultsTest::seed, (fake, fault, failure) -> {
            if (failure == null) {
                new ImageValidator(fake.uri()).validate("team/app", "1");
                assertThat(fake.blob(
                                "team/app", IMAGE.layerDescriptor().digest().toString()))
                        .isEqualTo(IMAGE.layer());
            } else {
                // What is read back after the push is the only body that can be wrong.
                assertThat(failure.reason()).isEqualTo(lasting(fault));
                assertThat(fake.hasManifest("team/app", "1"))
                        .as("a tag that leads to something")
                        .isFalse();
            }
            assertThat(fake.requests().stream()
                            .filter(request -> request.method().equals("PUT")
                                    && request.path().contains("/uploads/")))
                    .as("blobs that were sent, one of them twice at the most")
                    .hasSizeLessThanOrEqualTo(3);
        });
    }

    @TestFactory
    Stream<DynamicTest> oneFaultAtAnyRequestOfPullIsOvercome() {
        return table(FaultsTest::pull, FaultsTest::fill, (_, fault, failure) -> {
            if (failure != null) {
                assertThat(failure.reason()).isEqualTo(lasting(fault));
            }
        });
    }

    /// What becomes of the two faults that no second attempt mends, or none is made for.
    private static Reason lasting(Fault fault) {
        return switch (fault) {
            case WRONG_BYTE -> Reason.RegistryCorrupt;
            case BUSY_FOR_AN_HOUR -> Reason.RegistryUnavailable;
            case NONE,
                    TOO_MANY_REQUESTS,
                    INTERNAL_ERROR,
                    UNAVAILABLE,
                    HALF_WRITTEN_LINK,
                    HANG_UP,
                    RESET_IN_BODY,
                    REFUSE_IN_BODY,
                    SLOW_BODY,
                    STALL_IN_BODY,
                    LOSE_ANSWER,
                    TRUNCATE,
                    STALL,
                    SLOW,
                    REDIRECT -> throw new AssertionError(fault + " was not overcome");
        };
    }

    @TestFactory
    Stream<DynamicTest> liveUploadTellsOfABreakAndTheSecondSendingMendsIt() {
        return table(FaultsTest::pushLive, _ -> {}, (fake, fault, failure) -> {
            if (failure != null) {
                assertThat(failure.reason()).isEqualTo(lasting(fault));
                return;
            }
            assertThat(fake.blob("team/app", IMAGE.layerDescriptor().digest().toString()))
                    .isEqualTo(IMAGE.layer());
        });
    }

    @TestFactory
    Stream<DynamicTest> faultThatStaysIsAClearWord() {
        return Stream.of(
                        Fault.TOO_MANY_REQUESTS,
                        Fault.BUSY_FOR_AN_HOUR,
                        Fault.INTERNAL_ERROR,
                        Fault.UNAVAILABLE,
                        Fault.HANG_UP,
                        Fault.LOSE_ANSWER,
                        Fault.TRUNCATE,
                        Fault.STALL)
                .flatMap(fault -> Stream.of(
                        dynamicTest(fault + " at every pull", () -> stays(fault, FaultsTest::pull)),
                        dynamicTest(fault + " at every push", () -> stays(fault, FaultsTest::push))));
    }

    private static void stays(Fault fault, Work work) throws Exception {
        try (FakeRegistry fake = FakeRegistry.start();
                Registry registry = Registry.open(QUICK)) {
            fill(fake);
            // The root answers, so that each fault meets what matters.
            fake.misbehave(number -> number == 0 ? Fault.NONE : fault);
            RegistryFailure failure = catchThrowableOfType(
                    RegistryFailure.class,
                    () -> work.with(registry, ImageReference.parse(fake.host() + "/team/app:1")));
            assertThat(failure).isNotNull();
            assertThat(failure.reason()).isEqualTo(Reason.RegistryUnavailable);
        }
    }

    private interface Work {
        void with(Registry registry, ImageReference image) throws IOException;
    }

    private interface Check {
        void of(FakeRegistry fake, Fault fault, @Nullable RegistryFailure failure) throws Exception;
    }

    private interface Seed {
        void into(FakeRegistry fake);
    }

    private static Stream<DynamicTest> table(Work work, Seed seed, Check check) {
        List<DynamicTest> tests = new ArrayList<>();
        List<FakeRegistry.Request> requests = record(work, seed);
        Set<Fault> faults = EnumSet.complementOf(EnumSet.of(Fault.STALL_IN_BODY)); // it takes as long as a time-out
        for (Fault fault : faults) {
            for (int i = 0; i < requests.size(); i++) {
                int at = i;
                tests.add(dynamicTest(
                        fault + " at " + (at + 1) + ". " + requests.get(at), () -> run(work, seed, check, fault, at)));
            }
        }
        return tests.stream();
    }

    private static List<FakeRegistry.Request> record(Work work, Seed seed) {
        try (FakeRegistry fake = FakeRegistry.start();
                Registry registry = Registry.open(QUICK)) {
            seed.into(fake);
            work.with(registry, ImageReference.parse(fake.host() + "/team/app:1"));
            return fake.requests();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(Work work, Seed seed, Check check, Fault fault, int at) throws Exception {
        try (FakeRegistry fake = FakeRegistry.start();
                Registry registry = Registry.open(QUICK)) {
            seed.into(fake);
            fake.misbehave(number -> number == at ? fault : Fault.NONE);
            RegistryFailure failure = null;
            try {
                work.with(registry, ImageReference.parse(fake.host() + "/team/app:1"));
            } catch (RegistryFailure e) {
                failure = e;
            }
            fake.misbehave(_ -> Fault.NONE);
            check.of(fake, fault, failure);
            assertThat(fake.strayed())
                    .allSatisfy(request -> assertThat(request.authorization()).isNull());
        }
    }

    private static void seed(FakeRegistry fake) {
        fake.putBlob("team/base", IMAGE.config());
    }

    private static void fill(FakeRegistry fake) {
        fake.putBlob("team/app", IMAGE.layer());
        fake.putBlob("team/app", IMAGE.config());
        fake.putManifest("team/app", "1", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
    }

    private static void push(Registry registry, ImageReference target) {
        registry.checkPush(target);
        registry.push(target, IMAGE.layerDescriptor(), List.of(), () -> new ByteArrayInputStream(IMAGE.layer()));
        ImageReference base = ImageReference.parse(target.registry() + "/team/base:1");
        registry.push(target, IMAGE.configDescriptor(), List.of(base), () -> new ByteArrayInputStream(IMAGE.config()));
        Descriptor stored = registry.pushManifest(target, MediaTypes.OCI_MANIFEST, IMAGE.manifest());
        registry.tag(target, stored, IMAGE.manifest());
    }

    private static void pull(Registry registry, ImageReference image) throws IOException {
        PulledImage pulled = registry.image(image, TestImage.PLATFORM);
        try (InputStream layer = registry.pull(image, pulled.manifest().layers().getFirst())) {
            assertThat(layer.readAllBytes()).isEqualTo(IMAGE.layer());
        }
    }

    private static void pushLive(Registry registry, ImageReference target) throws IOException {
        try (BlobUpload upload = registry.upload(target)) {
            upload.send(new ByteArrayInputStream(IMAGE.layer()));
            switch (upload.finish(IMAGE.layerDescriptor())) {
                case UploadOutcome.Stored() -> {}
                case UploadOutcome.Broken(RegistryFailure why) -> {
                    assertThat(why.reason()).isEqualTo(Reason.RegistryUnavailable);
                    registry.push(
                            target, IMAGE.layerDescriptor(), List.of(), () -> new ByteArrayInputStream(IMAGE.layer()));
                }
            }
        }
    }
}
