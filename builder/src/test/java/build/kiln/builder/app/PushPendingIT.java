package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import build.kiln.builder.testing.ImageValidator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A registry that is down before, during and after a build: what is built is kept, and only pushed later.
@InNamespaces
class PushPendingIT {

    @TempDir
    private Path own;

    private FakeRegistry bases;
    private FakeRegistry target;

    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        bases = FakeRegistry.start();
        target = FakeRegistry.start();
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(bases.host() + "/base:1"));
        }
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + bases.host() + "/base:1\nRUN touch /made\nCOPY Dockerfile /\n");
    }

    @AfterEach
    void stop() {
        bases.close();
        target.close();
    }

    @Test
    void aRegistryThatIsDownStopsNoStepAndTheNextBuildOnlyPushes() throws Exception {
        target.misbehave(_ -> Fault.BUSY_FOR_AN_HOUR);
        Ended first = build();

        assertThat(first.status()).as(first.err()).isEqualTo(75);
        assertThat(first.err())
                .contains("Whether " + target.host()
                        + "/team/app may be pushed to is not known yet, and the build goes on.")
                .contains(
                        "ERROR: PushPending: All steps are done and kept in the cache; only the push is left. Push to "
                                + target.host() + "/team/app:1 ended without result: ")
                .endsWith(" The next build sends what is there, and runs no step again.\n");
        assertThat(target.hasManifest("team/app", "1")).isFalse();

        target.misbehave(_ -> Fault.NONE);
        Ended second = build();

        assertThat(second.status()).as(second.err()).isZero();
        assertThat(second.err().lines().filter(line -> line.endsWith(" CACHED")))
                .as(second.err())
                .hasSize(2);
        new ImageValidator(target.uri()).validate("team/app", "1");
    }

    @Test
    void aBaseThatIsCopiedAndUnpackedIsPulledOnce() throws Exception {
        bases.forget();
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(bases.requests().stream()
                        .filter(request ->
                                request.method().equals("GET") && request.path().contains("/blobs/")))
                .as("the base's config and its layer")
                .hasSize(2);
        new ImageValidator(target.uri()).validate("team/app", "1");
        try (Stream<Path> left = Files.list(own.resolve("cache/tmp"))) {
            assertThat(left.map(Path::getFileName))
                    .noneMatch(name -> name.toString().startsWith("pull-"));
        }
    }

    @Test
    void aPushThatIsDeniedStopsTheBuildBeforeItsFirstStep() {
        target.deny(request -> request.method().equals("POST") ? 403 : null);
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err()).contains("ERROR: PushDenied: ").doesNotContain("RUN touch");
    }

    @Test
    void aBaseThatNobodyReadsIsNeverPulled() throws Exception {
        Ended first = build();
        assertThat(first.status()).as(first.err()).isZero();
        bases.forget();
        Ended again = build(bases.host() + "/team/copy:1");
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(bases.requests().stream()
                        .filter(request ->
                                request.method().equals("GET") && request.path().contains("/blobs/")))
                .as("the base's config, and no layer")
                .hasSize(1);
        new ImageValidator(bases.uri()).validate("team/copy", "1");
    }

    private Ended build() {
        return build(target.host() + "/team/app:1");
    }

    private Ended build(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        Map.of("HOME", own.toString()),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                "--push",
                "-t",
                name,
                own.resolve("context").toString());
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
