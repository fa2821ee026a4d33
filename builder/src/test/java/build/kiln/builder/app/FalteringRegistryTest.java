package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import build.kiln.builder.testing.ImageValidator;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Whole builds whose registry breaks the k-th request, for every k in every way: the same image, or a clear word,
/// after
/// which the same command makes the same image.
class FalteringRegistryTest {

    /// Ways in which any request can go wrong. What stops with its connection open takes as long as a build waits: a
    /// minute; [build.kiln.builder.registry.FaultsTest] has it.
    private static final Set<Fault> ANY = EnumSet.of(
            Fault.TOO_MANY_REQUESTS, Fault.BUSY_FOR_AN_HOUR, Fault.INTERNAL_ERROR, Fault.HANG_UP, Fault.LOSE_ANSWER);

    /// What can go wrong with what is sent, and with what comes.
    private static final Set<Fault> OF_REQUEST = EnumSet.of(Fault.RESET_IN_BODY, Fault.REFUSE_IN_BODY, Fault.SLOW_BODY);

    private static final Set<Fault> OF_ANSWER = EnumSet.of(Fault.TRUNCATE, Fault.SLOW, Fault.WRONG_BYTE);

    /// What is not mended by the same request later.
    private static final Set<Fault> LASTING = EnumSet.of(Fault.BUSY_FOR_AN_HOUR, Fault.WRONG_BYTE);

    private static final byte[] LARGE = random(1, 1 << 20);
    private static final byte[] BASE = random(2, 200_000);

    @TempDir
    private Path own;

    /// Counts the folders that builds have had for themselves.
    private int builds;

    @TestFactory
    Stream<DynamicTest> aPullThatFaltersAtAnyRequestEndsInTheSameImage() throws Exception {
        writeContext();
        String digest;
        List<FakeRegistry.Request> requests;
        try (FakeRegistry bases = bases();
                FakeRegistry target = FakeRegistry.start()) {
            digest = succeeds(run(bases, target, home()));
            requests = bases.requests();
        }
        return table(requests, (fault, at) -> {
            try (FakeRegistry bases = bases();
                    FakeRegistry target = FakeRegistry.start()) {
                bases.misbehave(number -> number == at ? fault : Fault.NONE);
                check(fault, digest, bases, target);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> aPushThatFaltersAtAnyRequestEndsInTheSameImage() throws Exception {
        writeContext();
        String digest;
        List<FakeRegistry.Request> requests;
        try (FakeRegistry bases = bases();
                FakeRegistry target = FakeRegistry.start()) {
            digest = succeeds(run(bases, target, home()));
            requests = target.requests();
            assertThat(target.requests().stream()
                            .filter(request -> request.method().equals("PATCH")))
                    .as("the large layer, while it was made")
                    .hasSize(1);
            assertThat(target.blobCount("team/app")).isEqualTo(5);
            assertThat(target.requests().stream()
                            .filter(request -> request.method().equals("PUT")
                                    && request.path().contains("/blobs/uploads/")))
                    .as("each blob once")
                    .hasSize(5);
        }
        return table(requests, (fault, at) -> {
            try (FakeRegistry bases = bases();
                    FakeRegistry target = FakeRegistry.start()) {
                target.misbehave(number -> number == at ? fault : Fault.NONE);
                check(fault, digest, bases, target);
            }
        });
    }

    private interface Case {
        void run(Fault fault, int at) throws Exception;
    }

    private static Stream<DynamicTest> table(List<FakeRegistry.Request> requests, Case one) {
        List<DynamicTest> all = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            int at = i;
            Set<Fault> faults = EnumSet.copyOf(ANY);
            switch (requests.get(at).method()) {
                case "PUT", "PATCH" -> faults.addAll(OF_REQUEST);
                case "GET" -> faults.addAll(OF_ANSWER);
                default -> {}
            }
            for (Fault fault : faults) {
                all.add(dynamicTest(
                        fault + " at " + (at + 1) + ". " + requests.get(at).method(), () -> one.run(fault, at)));
            }
        }
        return all.stream();
    }

    private void check(Fault fault, String digest, FakeRegistry bases, FakeRegistry target) throws Exception {
        Path home = home();
        CommandLineRun first = run(bases, target, home);
        bases.misbehave(_ -> Fault.NONE);
        target.misbehave(_ -> Fault.NONE);
        if (first.status() == 0) {
            assertThat(first.out().strip()).isEqualTo(digest);
        } else {
            assertThat(LASTING).as(first.err()).contains(fault);
            assertThat(first.lastWord())
                    .matches("ERROR: (RegistryUnavailable|RegistryCorrupt|PushPending): .*127\\.0\\.0\\.1:[0-9]+.*");
            assertThat(target.hasManifest("team/app", "1"))
                    .as("a tag that leads to something")
                    .isFalse();
            assertThat(succeeds(run(bases, target, home))).isEqualTo(digest);
        }
        new ImageValidator(target.uri()).validate("team/app", "1");
    }

    private static String succeeds(CommandLineRun run) {
        assertThat(run.status()).as(run.err()).isZero();
        return run.out().strip();
    }

    private Path home() throws IOException {
        return Files.createDirectory(own.resolve("home" + builds++));
    }

    private CommandLineRun run(FakeRegistry bases, FakeRegistry target, Path home) {
        return CommandLineRun.of(
                home,
                Map.of(),
                List.of(
                        "build",
                        "--cache-dir",
                        home.resolve("cache").toString(),
                        "--build-arg",
                        "BASES=" + bases.host(),
                        "--push",
                        "-t",
                        target.host() + "/team/app:1",
                        own.resolve("context").toString()));
    }

    /// The base is read for what `/app` is, copied to the other registry, and one of its files is copied.
    private void writeContext() throws IOException {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.write(context.resolve("large"), LARGE);
        Files.writeString(context.resolve("Dockerfile"), """
                ARG BASES
                FROM ${BASES}/base:1 AS base
                FROM base
                WORKDIR /app
                COPY large ./
                COPY --from=base /base-file /copied
                """);
    }

    private FakeRegistry bases() throws Exception {
        FakeRegistry fake = FakeRegistry.start();
        byte[] tar = tar();
        byte[] layer = gzip(tar);
        byte[] config = new ImageConfig(
                        null,
                        null,
                        Platform.ofThisMachine(),
                        ContainerConfig.EMPTY,
                        List.of(new DiffId(Digest.of(tar))),
                        List.of())
                .toJson();
        byte[] manifest = new ImageManifest(
                        MediaTypes.OCI_MANIFEST,
                        new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length),
                        List.of(new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.of(layer), layer.length)),
                        Map.of())
                .toJson();
        fake.putBlob("base", layer);
        fake.putBlob("base", config);
        fake.putManifest("base", "1", MediaTypes.OCI_MANIFEST, manifest);
        fake.putManifest("base", Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
        return fake;
    }

    private byte[] tar() throws Exception {
        Path tar = own.resolve("base.tar");
        if (!Files.exists(tar)) {
            Path folder = Files.createDirectory(own.resolve("base"));
            Files.write(folder.resolve("base-file"), BASE);
            Tool.run(own, "tar", "--mtime=@1", "-cf", tar.toString(), "-C", folder.toString(), "base-file");
        }
        return Files.readAllBytes(tar);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
