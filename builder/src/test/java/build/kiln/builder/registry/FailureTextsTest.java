package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.Fault;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.FakeRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole text of each failure.
class FailureTextsTest {

    private static final TestImage IMAGE = TestImage.of(21, 300_000);

    @TempDir
    Path folder;

    private FakeRegistry fake;
    private Registry registry;
    private String host;

    @BeforeEach
    void start() {
        fake = FakeRegistry.start();
        host = fake.host();
        registry = Registry.open(
                FaultsTest.QUICK.withCredentialNames("spec.pod.imagePullSecrets", "spec.output.pushSecret"));
    }

    @AfterEach
    void stop() {
        registry.close();
        fake.close();
    }

    private ImageReference app() {
        return ImageReference.parse(host + "/team/app:1.4");
    }

    private void logIn() throws IOException {
        registry.close();
        Path config = folder.resolve("config.json");
        Files.writeString(config, "{\"auths\":{\"" + host + "\":{\"username\":\"ci-bot\",\"password\":\"s3cret\"}}}");
        registry = Registry.open(FaultsTest.QUICK
                .withAuthFiles(List.of(config))
                .withCredentialNames("spec.pod.imagePullSecrets", "spec.output.pushSecret"));
    }

    private RegistryFailure failing(Reason reason, ThrowingCallable work) {
        RegistryFailure failure = catchThrowableOfType(RegistryFailure.class, work);
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).isEqualTo(reason);
        return failure;
    }

    @Test
    void deniedPushNamesUserAndSetting() throws IOException {
        logIn();
        fake.require(FakeRegistry.Auth.BASIC);
        fake.deny(request -> request.method().equals("POST") ? 403 : null);

        RegistryFailure failure = failing(Reason.PushDenied, () -> registry.checkPush(app()));

        assertThat(failure)
                .hasMessage(
                        "Push to " + host + "/team/app:1.4 was refused: POST /v2/team/app/blobs/uploads/ answered 403"
                                + " DENIED for user \"ci-bot\". Nothing was uploaded. Allow \"ci-bot\" to push to team/app, or"
                                + " name other credentials in spec.output.pushSecret.");
        assertThat(failure.fault()).isEqualTo(Fault.USER);
    }

    @Test
    void deniedPushIsNotRetried() throws IOException {
        logIn();
        fake.deny(request -> request.method().equals("POST") ? 403 : null);
        failing(Reason.PushDenied, () -> registry.checkPush(app()));
        assertThat(fake.requests()).hasToString("[GET /v2/, POST /v2/team/app/blobs/uploads/]");
    }

    @Test
    void pushWithoutCredentialsSaysWhereToAddThem() {
        fake.require(FakeRegistry.Auth.BASIC);
        assertThat(failing(Reason.PushDenied, () -> registry.checkPush(app())))
                .hasMessage(
                        "Push to " + host + "/team/app:1.4 was refused: POST /v2/team/app/blobs/uploads/ answered 401"
                                + " UNAUTHORIZED without credentials. Nothing was uploaded. Add credentials for " + host
                                + " to spec.output.pushSecret.");
    }

    @Test
    void pullWithoutCredentialsSaysWhereToAddThem() {
        fake.require(FakeRegistry.Auth.BASIC);
        assertThat(failing(Reason.PullDenied, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 was refused: GET /v2/team/app/manifests/1.4 answered 401"
                        + " UNAUTHORIZED without credentials. Check the name of the image, or add credentials for "
                        + host + " to spec.pod.imagePullSecrets.");
    }

    @Test
    void deniedPullNamesUserAndSetting() throws IOException {
        logIn();
        fake.deny(request -> request.path().contains("manifests") ? 403 : null);
        assertThat(failing(Reason.PullDenied, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 was refused: GET /v2/team/app/manifests/1.4 answered 403"
                        + " DENIED for user \"ci-bot\". Allow \"ci-bot\" to pull from team/app, or name other credentials"
                        + " in spec.pod.imagePullSecrets.");
    }

    @Test
    void tokenServerThatRefusesIsNamed() throws IOException {
        logIn();
        fake.require(FakeRegistry.Auth.BEARER);
        fake.deny(request -> request.path().equals("/token") ? 401 : null);
        assertThat(failing(Reason.PushDenied, () -> registry.checkPush(app())))
                .hasMessage("Push to " + host + "/team/app:1.4 was refused: the token server " + host
                        + " answered 401 UNAUTHORIZED for user \"ci-bot\". Check the credentials for " + host
                        + " in spec.output.pushSecret.");
    }

    @Test
    void missingImageIsNamed() {
        assertThat(failing(Reason.ImageNotFound, () -> registry.resolve(app())))
                .hasMessage(host + "/team/app:1.4 does not exist: GET /v2/team/app/manifests/1.4 answered 404"
                        + " MANIFEST_UNKNOWN. Check the name, the tag and the registry.");
    }

    @Test
    void registryThatIsReadOnlyIsNamedSo() {
        fake.deny(request -> request.method().equals("POST") ? 405 : null);
        assertThat(failing(Reason.PushDenied, () -> registry.checkPush(app())))
                .hasMessage(
                        "Push to " + host + "/team/app:1.4 was refused: POST /v2/team/app/blobs/uploads/ answered 405"
                                + " UNSUPPORTED: the registry takes no pushes. Nothing was uploaded. Push to another registry;"
                                + " this one is read-only or a cache.");
    }

    @Test
    void unexpectedAnswerIsQuoted() {
        fake.deny(request -> request.path().contains("manifests") ? 418 : null);
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: GET /v2/team/app/manifests/1.4"
                        + " answered 418 UNSUPPORTED (\"said by the fake\"), which the distribution specification does"
                        + " not foresee here. Check that " + host + " is a registry, and what its log says.");
    }

    @Test
    void registryThatIsDownIsNamed() throws IOException {
        host = "127.0.0.1:" + DockerRegistry.freePort();
        RegistryFailure failure = failing(Reason.RegistryUnavailable, () -> registry.resolve(app()));
        assertThat(failure)
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: " + host + " could not be reached"
                        + " in 3 attempts (connection refused). Check the name, that the registry runs, and that this"
                        + " machine may connect to it.");
        assertThat(failure.fault()).isEqualTo(Fault.REMOTE);
    }

    @Test
    void hostWithoutAddressIsNamed() {
        host = "registry.invalid";
        assertThat(failing(Reason.RegistryUnavailable, () -> registry.resolve(app())))
                .hasMessage("Pull of registry.invalid/team/app:1.4 ended without result: registry.invalid could not be"
                        + " reached in 3 attempts (its name has no address). Check the name, that the registry runs, and"
                        + " that this machine may connect to it.");
    }

    @Test
    void registryThatCannotServeIsNamed() {
        fake.misbehave(_ -> FakeRegistry.Fault.INTERNAL_ERROR);
        assertThat(failing(Reason.RegistryUnavailable, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: GET /v2/team/app/manifests/1.4"
                        + " answered 500 UNKNOWN (\"said by the fake\") in 3 attempts. Try again when the registry has"
                        + " recovered.");
    }

    @Test
    void registryThatHangsUpIsNamed() {
        fake.misbehave(number -> number == 0 ? FakeRegistry.Fault.NONE : FakeRegistry.Fault.HANG_UP);
        assertThat(failing(Reason.RegistryUnavailable, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: " + host + " could not be reached"
                        + " in 3 attempts (the connection broke off). Check the name, that the registry runs, and that"
                        + " this machine may connect to it.");
    }

    @Test
    void registryThatStallsIsNamed() {
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
        fake.misbehave(number -> number == 0 ? FakeRegistry.Fault.NONE : FakeRegistry.Fault.STALL);
        assertThat(failing(Reason.RegistryUnavailable, () -> registry.resolve(app())))
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: " + host + " could not be reached"
                        + " in 3 attempts (no byte came for 250 ms). Check the name, that the registry runs, and that"
                        + " this machine may connect to it.");
    }

    @Test
    void layerWithWrongDigestIsNamedBeforeItsLastByteIsGiven() {
        byte[] other = IMAGE.layer().clone();
        other[1000] ^= 1;
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
        fake.putBlob("team/app", IMAGE.layer());
        fake.misbehave(number -> number == 0 ? FakeRegistry.Fault.NONE : FakeRegistry.Fault.WRONG_BYTE);
        byte[] seen = IMAGE.layer().clone();
        seen[seen.length / 2] ^= 1;
        RegistryFailure failure = failing(Reason.RegistryCorrupt, () -> {
            try (InputStream layer = registry.pull(app(), IMAGE.layerDescriptor())) {
                layer.transferTo(java.io.OutputStream.nullOutputStream());
            }
        });
        assertThat(failure)
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: " + host + " sent a blob with the"
                        + " digest " + Digest.of(seen) + " where "
                        + IMAGE.layerDescriptor().digest()
                        + " was expected. Try again; if it stays so, the registry's storage or a proxy in front of it is"
                        + " damaged.");
    }

    @Test
    void manifestWithWrongDigestIsNamed() {
        Digest wanted = Digest.of(new byte[] {1});
        fake.putManifest("team/app", wanted.toString(), MediaTypes.OCI_MANIFEST, IMAGE.manifest());
        ImageReference image = ImageReference.parse(host + "/team/app").withDigest(wanted);
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.resolve(image)))
                .hasMessage("Pull of " + image + " ended without result: " + host + " sent a manifest with the digest "
                        + IMAGE.manifestDescriptor().digest() + " where " + wanted
                        + " was expected. Try again; if it stays so, the registry's storage or a proxy in front of it is"
                        + " damaged.");
    }

    @Test
    void layerOfAnotherSizeIsNamed() {
        fake.putBlob("team/app", IMAGE.layer());
        Descriptor longer = new Descriptor(
                MediaTypes.OCI_LAYER_GZIP, IMAGE.layerDescriptor().digest(), IMAGE.layer().length + 5);
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.pull(app(), longer)))
                .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: " + host + " sent "
                        + IMAGE.layer().length + " bytes for the blob " + longer.digest() + " where "
                        + longer.sizeBytes() + " were expected. Try again; if it stays so, the registry's storage or a"
                        + " proxy in front of it is damaged.");
    }

    @Test
    void platformThatIsNotThereIsToldWithThoseThatAre() {
        Descriptor manifest = IMAGE.manifestDescriptor();
        byte[] index = new ImageIndex(
                        MediaTypes.OCI_INDEX,
                        List.of(
                                manifest.withPlatform(Platform.parse("linux/amd64")),
                                manifest.withPlatform(Platform.parse("linux/arm/v7")),
                                manifest.withPlatform(new Platform("unknown", "unknown", null))),
                        Map.of())
                .toJson();
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_INDEX, index);
        assertThat(failing(Reason.ImageNotFound, () -> registry.image(app(), Platform.parse("linux/s390x"))))
                .hasMessage(host + "/team/app:1.4 has no image for linux/s390x; it has linux/amd64, linux/arm/v7. Build"
                        + " for a platform that it has, or name another image.");
    }

    @Test
    void oldSchemaIsNamed() {
        fake.putManifest(
                "team/app",
                "1.4",
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(failing(Reason.NotSupportedYet, () -> registry.resolve(app())))
                .hasMessage(
                        host + "/team/app:1.4 is an image of the old schema 1, which has no verifiable layers. Push it"
                                + " again with a Docker of version 1.10 or later.");
    }

    @Test
    void whatIsNoContainerImageIsNamed() {
        Descriptor chart = TestImage.descriptor("application/vnd.cncf.helm.config.v1+json", new byte[2]);
        byte[] manifest = new ImageManifest(MediaTypes.OCI_MANIFEST, chart, List.of(), Map.of()).toJson();
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_MANIFEST, manifest);
        assertThat(failing(Reason.NotSupportedYet, () -> registry.image(app(), TestImage.PLATFORM)))
                .hasMessage(host + "/team/app:1.4 is not a container image: its config has the media type"
                        + " \"application/vnd.cncf.helm.config.v1+json\". Name a container image.");
    }

    @Test
    void manifestThatIsNoJsonIsNamed() {
        fake.putManifest("team/app", "1.4", "text/html", "<html>".getBytes(StandardCharsets.UTF_8));
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.resolve(app())))
                .message()
                .startsWith("Pull of " + host + "/team/app:1.4 ended without result: its manifest is not well-formed: "
                        + "not JSON: Unexpected character ('<' (code 60))")
                .endsWith(". Try again; if it stays so, the registry's storage or a proxy in front of it is damaged.");
    }

    @Test
    void documentWithoutEndIsCut() {
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_MANIFEST, new byte[(4 << 20) + 1]);
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.resolve(app())))
                .hasMessage(
                        "Pull of " + host + "/team/app:1.4 ended without result: " + host + " sent a document of more"
                                + " than 4 MiB. Try again; if it stays so, the registry's storage or a proxy in front of it is"
                                + " damaged.");
    }

    @Test
    void damageOnTheWayIsToldAfterTheLastAttempt() {
        Descriptor promised = TestImage.descriptor(MediaTypes.OCI_CONFIG, new byte[] {1, 2, 3});
        assertThat(failing(Reason.RegistryCorrupt, () -> registry.push(app(), promised, new byte[] {1, 2, 4})))
                .hasMessage("Push to " + host + "/team/app:1.4 ended without result: " + host + " received other bytes"
                        + " than those of the blob " + promised.digest() + " in 3 attempts. Try again; if it stays so,"
                        + " the registry's storage or a proxy in front of it is damaged.");
    }

    @Test
    void blockedRegistryIsNamed() throws IOException {
        Path conf = folder.resolve("registries.conf");
        Files.writeString(conf, "[[registry]]\nlocation = \"" + host + "/team\"\nblocked = true\n");
        try (Registry careful = Registry.open(FaultsTest.QUICK.withRegistriesConf(conf))) {
            assertThat(failing(Reason.PullDenied, () -> careful.resolve(app())))
                    .hasMessage("Pull of " + host + "/team/app:1.4 was refused: " + conf + " blocks \"" + host
                            + "/team\". Name an image of another registry, or take \"blocked = true\" out of that"
                            + " table.");
            assertThat(failing(Reason.PushDenied, () -> careful.checkPush(app())))
                    .hasMessage("Push to " + host + "/team/app:1.4 was refused: " + conf + " blocks \"" + host
                            + "/team\". Name an image of another registry, or take \"blocked = true\" out of that"
                            + " table.");
        }
    }

    @Test
    void missingLayerIsNamedWithoutTheQueryOfARedirect() {
        fake.putManifest("team/app", "1.4", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
        fake.misbehave(number -> number == 0 ? FakeRegistry.Fault.NONE : FakeRegistry.Fault.REDIRECT);
        assertThat(failing(Reason.ImageNotFound, () -> registry.pull(app(), IMAGE.layerDescriptor())))
                .hasMessage(host + "/team/app:1.4 is not complete: GET /v2/team/app/blobs/"
                        + IMAGE.layerDescriptor().digest()
                        + " answered 404 BLOB_UNKNOWN. Push the image again; the registry has lost a part of it.");
    }

    @Test
    void waitThatIsTooLongIsNotWaited() throws IOException {
        try (ServerSocket server =
                answering("HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")) {
            host = "127.0.0.1:" + server.getLocalPort();
            assertThat(failing(Reason.RegistryUnavailable, () -> registry.resolve(app())))
                    .hasMessage("Pull of " + host + "/team/app:1.4 ended without result: GET /v2/team/app/manifests/1.4"
                            + " answered 429 in one attempt; it asks to wait 3600 s. Try again when the registry has"
                            + " recovered.");
        }
    }

    @Test
    void sourceThatIsTooShortIsTheCallersOwnTrouble() {
        assertThat(catchThrowableOfType(
                        java.io.UncheckedIOException.class,
                        () -> registry.push(
                                app(),
                                IMAGE.layerDescriptor(),
                                List.of(),
                                () -> new ByteArrayInputStream(IMAGE.layer(), 0, 10))))
                .hasMessage("java.io.IOException: the source of "
                        + IMAGE.layerDescriptor().digest() + " ended after 10 of " + IMAGE.layer().length + " bytes");
    }

    /// A server that says the same to everybody.
    private static ServerSocket answering(String answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read(new byte[4096]);
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The client is gone, or the test is over.
                }
            }
        });
        return server;
    }
}
