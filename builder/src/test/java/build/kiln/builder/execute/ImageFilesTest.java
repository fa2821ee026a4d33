package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.testing.FakeRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The image of an ImageBuild's source.
class ImageFilesTest {

    private static final Platform PLATFORM = Platform.parse("linux/amd64");
    private static final Instant CREATED = Instant.parse("2025-01-02T03:04:05Z");

    @TempDir
    private Path own;

    private FakeRegistry fake;
    private String manifestDigest = "";

    @BeforeEach
    void start() {
        fake = FakeRegistry.start();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private static byte[] tar(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String name : names) {
                byte[] content = name.contains(".wh.") ? new byte[0] : name.getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(bytes)) {
            packed.write(content);
        }
        return bytes.toByteArray();
    }

    private Descriptor put(String mediaType, byte[] bytes) {
        fake.putBlob("team/files", bytes);
        return new Descriptor(mediaType, Digest.of(bytes), bytes.length);
    }

    private void putImage(List<byte[]> layers, List<DiffId> diffIds) throws IOException {
        List<Descriptor> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(put(MediaTypes.OCI_LAYER_GZIP, gzip(layer)));
        }
        byte[] config = new ImageConfig(CREATED, null, PLATFORM, ContainerConfig.EMPTY, diffIds, List.of()).toJson();
        byte[] manifest = new ImageManifest(
                        MediaTypes.OCI_MANIFEST, put(MediaTypes.OCI_CONFIG, config), descriptors, Map.of())
                .toJson();
        fake.putManifest("team/files", "1", MediaTypes.OCI_MANIFEST, manifest);
        manifestDigest = Digest.of(manifest).toString();
    }

    private SourceTree obtain(String tag, List<Path> authFiles) throws IOException {
        RegistrySettings settings = RegistrySettings.defaults(Clock.systemUTC())
                .withAuthFiles(authFiles)
                .withCredentialNames("spec.source.image.pullSecret", "spec.source.image.pullSecret");
        ImageReference image = ImageReference.parse(fake.host() + "/team/files:" + tag);
        return new ImageFiles(settings, image, PLATFORM, "spec.source.image")
                .obtain(Files.createTempDirectory(own, "work"));
    }

    @Test
    void theFilesAreThoseOfAllLayersAndTheRevisionIsTheDigest() throws Exception {
        byte[] lower = tar("src/Dockerfile", "src/old");
        byte[] upper = tar("src/page", "src/.wh.old");
        putImage(List.of(lower, upper), List.of(new DiffId(Digest.of(lower)), new DiffId(Digest.of(upper))));
        SourceTree tree = obtain("1", List.of());
        assertThat(tree.root().resolve("src/Dockerfile")).hasContent("src/Dockerfile");
        assertThat(tree.root().resolve("src/page")).hasContent("src/page");
        assertThat(tree.root().resolve("src/old")).doesNotExist();
        assertThat(tree.root().getParent()).isDirectoryNotContaining("glob:**/layer");
        assertThat(tree.revision()).isEqualTo(manifestDigest);
        assertThat(tree.time()).isEqualTo(CREATED);
    }

    @Test
    void aLayerThatIsNotTheOneOfTheConfigIsRefused() throws Exception {
        putImage(List.of(tar("a")), List.of(new DiffId(Digest.of(tar("b")))));
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, () -> obtain("1", List.of()));
        assertThat(failure.reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure)
                .hasMessageStartingWith("spec.source.image: the image " + fake.host() + "/team/files:1 is broken: ")
                .hasMessageEndingWith("as the image's config says. Push it again.");
    }

    @Test
    void aBlobThatIsDamagedOnItsWayIsNotUnpacked() throws Exception {
        byte[] layer = tar("a");
        putImage(List.of(layer), List.of(new DiffId(Digest.of(layer))));
        fake.misbehave(_ -> FakeRegistry.Fault.WRONG_BYTE);
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, () -> obtain("1", List.of()));
        assertThat(failure.reason()).isEqualTo(Reason.RegistryCorrupt);
        assertThat(failure).hasMessageStartingWith("spec.source.image: ");
    }

    @Test
    void aPrivateImageTakesItsCredentials() throws Exception {
        byte[] layer = tar("a");
        putImage(List.of(layer), List.of(new DiffId(Digest.of(layer))));
        fake.require(FakeRegistry.Auth.BASIC);
        BuildFailure denied = catchThrowableOfType(BuildFailure.class, () -> obtain("1", List.of()));
        assertThat(denied.reason()).isEqualTo(Reason.PullDenied);
        assertThat(denied)
                .hasMessageStartingWith("spec.source.image: ")
                .hasMessageContaining("spec.source.image.pullSecret");
        String login = Base64.getEncoder().encodeToString("ci-bot:s3cret".getBytes(StandardCharsets.UTF_8));
        Path auth = Files.writeString(
                own.resolve("config.json"), "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(fake.host(), login));
        assertThat(obtain("1", List.of(auth)).root().resolve("a")).hasContent("a");
    }

    @Test
    void anImageThatIsNotThereIsNamed() {
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, () -> obtain("2", List.of()));
        assertThat(failure.reason()).isEqualTo(Reason.ImageNotFound);
        assertThat(failure)
                .hasMessageStartingWith("spec.source.image: ")
                .hasMessageContaining(fake.host() + "/team/files:2");
    }
}
