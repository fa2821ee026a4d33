package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Auth;
import build.kiln.builder.testing.FakeRegistry.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationTest {

    private static final TestImage IMAGE = TestImage.of(31, 300_000);

    @TempDir
    Path folder;

    private FakeRegistry fake;
    private ImageReference app;

    @BeforeEach
    void start() {
        fake = FakeRegistry.start();
        app = ImageReference.parse(fake.host() + "/team/app:1");
        fake.putBlob("team/app", IMAGE.layer());
        fake.putBlob("team/app", IMAGE.config());
        fake.putManifest("team/app", "1", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Registry with(String config) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, config.replace("HOST", fake.host()));
        return Registry.open(FaultsTest.QUICK.withAuthFiles(List.of(file)));
    }

    private Registry loggedIn() throws IOException {
        // base64 of ci-bot:s3cret
        return with("{\"auths\":{\"HOST\":{\"auth\":\"Y2ktYm90OnMzY3JldA==\"}}}");
    }

    @Test
    void passwordIsSentWhereTheRegistryAsksForIt() throws IOException {
        fake.require(Auth.BASIC);
        try (Registry registry = loggedIn()) {
            IMAGE.push(registry, app.withTag("2"));
            assertThat(registry.image(app.withTag("2"), TestImage.PLATFORM).configJson())
                    .isEqualTo(IMAGE.config());
        }
        assertThat(fake.requests().getFirst().authorization()).isNull();
    }

    @Test
    void oneTokenServesAllRequestsOfItsScope() throws IOException {
        fake.require(Auth.BEARER);
        try (Registry registry = loggedIn()) {
            IMAGE.push(registry, app.withTag("2"));
        }
        assertThat(fake.tokenRequests()).containsExactly("GET service=fake&scope=repository:team/app:pull,push");
    }

    @Test
    void tokenThatRanOutIsFetchedAgainOnce() throws IOException {
        fake.require(Auth.BEARER);
        try (Registry registry = loggedIn()) {
            registry.resolve(app);
            fake.expireTokens();
            registry.resolve(app);
        }
        assertThat(fake.tokenRequests()).hasSize(2);
    }

    @Test
    void tokenThatRunsOutDuringAPushIsFetchedAgain() throws IOException {
        fake.require(Auth.BEARER);
        try (Registry registry = loggedIn()) {
            fake.misbehave(number -> {
                fake.expireTokens();
                return Fault.NONE;
            });
            registry.resolve(app);
        } catch (build.kiln.builder.failure.RegistryFailure e) {
            // A token that is never good enough is refused in the end, without a loop.
            assertThat(e.reason()).isEqualTo(build.kiln.builder.failure.Reason.PullDenied);
        }
        assertThat(fake.requests()).hasSizeLessThan(6);
    }

    @Test
    void mountAsksForBothRepositoriesInOneToken() throws IOException {
        fake.require(Auth.BEARER);
        fake.putBlob("team/base", IMAGE.manifest());
        try (Registry registry = loggedIn()) {
            registry.push(
                    app,
                    TestImage.descriptor(MediaTypes.OCI_LAYER_GZIP, IMAGE.manifest()),
                    List.of(ImageReference.parse(fake.host() + "/team/base")),
                    () -> {
                        throw new AssertionError("a mount sends no bytes");
                    });
        }
        assertThat(fake.tokenRequests())
                .contains("GET service=fake&scope=repository:team/app:pull,push&scope=repository:team/base:pull");
    }

    @Test
    void mountThatIsNotAllowedIsAnUpload() throws IOException {
        fake.putBlob("team/base", IMAGE.manifest());
        fake.deny(request -> request.query().contains("mount=") ? 403 : null);
        try (Registry registry = loggedIn()) {
            registry.push(
                    app,
                    TestImage.descriptor(MediaTypes.OCI_LAYER_GZIP, IMAGE.manifest()),
                    List.of(ImageReference.parse(fake.host() + "/team/base")),
                    () -> new ByteArrayInputStream(IMAGE.manifest()));
        }
        assertThat(fake.blob("team/app", FakeRegistry.digest(IMAGE.manifest()))).isEqualTo(IMAGE.manifest());
    }

    @Test
    void identityTokenIsPostedAndNeverInAUrl() throws IOException {
        fake.require(Auth.BEARER);
        try (Registry registry = with("{\"auths\":{\"HOST\":{\"identitytoken\":\"refresh-me\"}}}")) {
            registry.resolve(app);
        }
        assertThat(fake.tokenRequests())
                .containsExactly("POST service=fake&grant_type=refresh_token&client_id=kiln"
                        + "&scope=repository%3Ateam%2Fapp%3Apull&refresh_token=refresh-me");
    }

    @Test
    void credentialsComeFromTheHelperOfTheHost() throws IOException {
        fake.require(Auth.BASIC);
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"credHelpers\":{\"" + fake.host() + "\":\"vault\"}}");
        RegistrySettings settings = FaultsTest.QUICK
                .withAuthFiles(List.of(file))
                .withCredentialStore((name, server) ->
                        Optional.of(("{\"ServerURL\":\"" + server + "\",\"Username\":\"ci-bot\",\"Secret\":\""
                                        + (name.equals("vault") ? "s3cret" : "no") + "\"}")
                                .getBytes(StandardCharsets.UTF_8)));
        try (Registry registry = Registry.open(settings)) {
            assertThat(registry.resolve(app).json()).isEqualTo(IMAGE.manifest());
        }
    }

    @Test
    void authorizationDoesNotFollowARedirectToAnotherOrigin() throws IOException {
        fake.require(Auth.BASIC);
        try (Registry registry = loggedIn()) {
            registry.resolve(app);
            fake.misbehave(_ -> Fault.REDIRECT);
            try (InputStream layer = registry.pull(app, IMAGE.layerDescriptor())) {
                assertThat(layer.readAllBytes()).isEqualTo(IMAGE.layer());
            }
        }
        assertThat(fake.requests().getLast().authorization()).startsWith("Basic ");
        assertThat(fake.strayed())
                .hasSize(1)
                .allSatisfy(request -> assertThat(request.authorization()).isNull());
    }

    @Test
    void prefetchedManifestIsAskedForOnce() {
        try (Registry registry = Registry.open(FaultsTest.QUICK)) {
            registry.prefetch(app, Access.PULL);
            assertThat(registry.image(app, TestImage.PLATFORM).configJson()).isEqualTo(IMAGE.config());
        }
        assertThat(fake.requests())
                .filteredOn(request -> request.path().contains("manifests"))
                .hasSize(1);
    }

    @Test
    void prefetchThatFailsIsTriedAgainByTheCall() {
        try (Registry registry = Registry.open(FaultsTest.QUICK)) {
            fake.deny(request -> fake.requests().size() < 3 ? 403 : null);
            registry.prefetch(app, Access.PULL);
            assertThat(registry.resolve(app).json()).isEqualTo(IMAGE.manifest());
        }
    }
}
