package build.kiln.builder.source.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutFolderTest {

    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final byte[] LAYER = "a layer, as far as a layout is concerned".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void oneImageWithoutATagNeedsNoName() throws IOException {
        Descriptor manifest = manifest(ARM64);
        index(manifest);
        LayoutImage found = image("");

        assertThat(found.named()).isEqualTo(manifest.digest());
        assertThat(found.digest()).isEqualTo(manifest.digest());
        assertThat(found.config().platform())
                .as("as it is, whatever was wanted")
                .isEqualTo(ARM64);
        try (InputStream in = layout().open(found.manifest().layers().getFirst())) {
            assertThat(in.readAllBytes()).isEqualTo(LAYER);
        }
    }

    @Test
    void indexLeadsToTheImageOfThePlatform() throws IOException {
        Descriptor arm = manifest(ARM64);
        Descriptor amd = manifest(AMD64);
        ImageIndex inner = new ImageIndex(
                MediaTypes.OCI_INDEX, List.of(arm.withPlatform(ARM64), amd.withPlatform(AMD64)), Map.of());
        Descriptor both = blob(MediaTypes.OCI_INDEX, inner.toJson());
        index(tagged(both, "1"));

        assertThat(image(":1").named()).isEqualTo(both.digest());
        assertThat(image(":1").digest()).isEqualTo(amd.digest());
        assertThat(image("@" + arm.digest()).digest()).isEqualTo(arm.digest());
        assertThat(failure(":1", Platform.parse("linux/s390x")))
                .hasMessage("Dockerfile:1: oci-layout://" + folder
                        + ":1 has no image for linux/s390x; it has linux/arm64, linux/amd64. Build for a platform that it"
                        + " has, or name another image.")
                .extracting(BuildFailure::reason)
                .isEqualTo(Reason.ImageNotFound);
    }

    @Test
    void latestIsMeantWhereSeveralHaveTags() throws IOException {
        Descriptor latest = manifest(AMD64);
        index(tagged(manifest(ARM64), "old"), tagged(latest, "latest"));

        assertThat(image("").digest()).isEqualTo(latest.digest());
    }

    @Test
    void tagThatIsNotThereIsRefusedWithThoseThatAre() throws IOException {
        index(tagged(manifest(ARM64), "one"), tagged(manifest(AMD64), "two"));

        assertThat(failure(":three", AMD64))
                .hasMessage("Dockerfile:1: the layout \"" + folder + "\" has no image with the tag \"three\"; it has"
                        + " \"one\", \"two\". Name one of these: oci-layout://" + folder + ":TAG.");
        assertThat(failure("", AMD64)).hasMessageContaining("has no image with the tag \"latest\"");
    }

    @Test
    void layoutOfUntaggedImagesIsAskedByDigest() throws IOException {
        index(manifest(ARM64), manifest(AMD64));

        assertThat(failure(":1", AMD64))
                .hasMessage(
                        "Dockerfile:1: the layout \"" + folder + "\" has no image with the tag \"1\"; it has 2 images"
                                + " without a tag. Name one by digest: oci-layout://" + folder + "@sha256:DIGEST.");
    }

    @Test
    void folderWithoutAnIndexIsNoLayout() {
        assertThat(failure("", AMD64))
                .hasMessage("Dockerfile:1: the folder \"" + folder
                        + "\" has no index.json, so it is no OCI layout. Name" + " the folder that holds index.json.")
                .extracting(BuildFailure::reason)
                .isEqualTo(Reason.SourceNotFound);
    }

    @Test
    void folderThatIsNotThereAndAnArchiveAreRefused() throws IOException {
        Path missing = folder.resolve("missing");
        Path archive = Files.createFile(folder.resolve("image.tar"));

        assertThat(catchThrowableOfType(SourceFailure.class, () -> of(missing, "")))
                .hasMessage("Dockerfile:1: there is no folder \"" + missing + "\", and an OCI layout is one. Name the"
                        + " folder that holds index.json; an archive has to be unpacked first.");
        assertThat(catchThrowableOfType(SourceFailure.class, () -> of(archive, "")))
                .hasMessageContaining("image.tar\" is not a folder, and an OCI layout is one.");
    }

    @Test
    void blobThatIsMissingIsNamed() throws IOException {
        Descriptor manifest = manifest(AMD64);
        index(manifest);
        Files.delete(file(manifest));

        assertThat(failure("", AMD64))
                .hasMessage("Dockerfile:1: the layout \"" + folder + "\" has no blob " + manifest.digest()
                        + ". Write the layout again, whole, or name an image that it has.");
    }

    @Test
    void damagedManifestIsRefused() throws IOException {
        Descriptor manifest = manifest(AMD64);
        index(manifest);
        byte[] bytes = Files.readAllBytes(file(manifest));
        bytes[bytes.length - 2] ^= 1;
        Files.write(file(manifest), bytes);

        assertThat(failure("", AMD64))
                .hasMessage("Dockerfile:1: the layout \"" + folder + "\" is broken: the blob \"blobs/sha256/"
                        + manifest.digest().hex() + "\" is damaged: its bytes have the digest " + Digest.of(bytes)
                        + ". Write the layout again, or name another one.")
                .extracting(BuildFailure::reason)
                .isEqualTo(Reason.SourceCorrupt);
    }

    @Test
    void layerIsHeldAgainstSizeAndDigestWhileItIsRead() throws IOException {
        index(manifest(AMD64));
        Descriptor layer = image("").manifest().layers().getFirst();
        Files.write(file(layer), new byte[LAYER.length]);

        assertThat(catchThrowableOfType(SourceFailure.class, () -> read(layer)))
                .hasMessageContaining("is damaged: its bytes have the digest " + Digest.of(new byte[LAYER.length]));
        Files.write(file(layer), Arrays.copyOf(LAYER, 7));
        assertThat(catchThrowableOfType(SourceFailure.class, () -> read(layer)))
                .hasMessageContaining("is damaged: it has 7 bytes, and 40 were expected.");
    }

    @Test
    void artifactIsNoImage() throws IOException {
        Descriptor config = blob("application/vnd.example.config", "{}".getBytes(StandardCharsets.UTF_8));
        Descriptor artifact = blob(
                MediaTypes.OCI_MANIFEST,
                new ImageManifest(MediaTypes.OCI_MANIFEST, config, List.of(), Map.of()).toJson());
        index(artifact);

        assertThat(failure("", AMD64))
                .hasMessage(
                        "Dockerfile:1: " + artifact.digest() + " in the layout \"" + folder + "\" is not a container"
                                + " image: its config has the media type \"application/vnd.example.config\". Name a container"
                                + " image.")
                .extracting(BuildFailure::reason)
                .isEqualTo(Reason.NotSupportedYet);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":1", "store:", "store@sha256:12", "store@latest"})
    void addressWithoutFolderTagOrDigestIsRefused(String text) {
        assertThat(catchThrowableOfType(RequestFailure.class, () -> LayoutAddress.parse(text, "--build-context base")))
                .hasMessageStartingWith("--build-context base: ")
                .hasMessageEndingWith("Write it as oci-layout://FOLDER, oci-layout://FOLDER:TAG or"
                        + " oci-layout://FOLDER@sha256:DIGEST.");
    }

    @Test
    void onlyTheLastNameOfAFolderHasATag() {
        assertThat(LayoutAddress.parse("/a:b/c@d/store:1.2", ""))
                .isEqualTo(new LayoutAddress(Path.of("/a:b/c@d/store"), "1.2", null));
    }

    private LayoutImage image(String suffix) {
        return of(folder, suffix);
    }

    private static LayoutImage of(Path folder, String suffix) {
        return new LayoutFolder(folder, "Dockerfile:1").image(LayoutAddress.parse(folder + suffix, ""), AMD64);
    }

    private SourceFailure failure(String suffix, Platform platform) {
        return catchThrowableOfType(
                SourceFailure.class, () -> layout().image(LayoutAddress.parse(folder + suffix, ""), platform));
    }

    private LayoutFolder layout() {
        return new LayoutFolder(folder, "Dockerfile:1");
    }

    private byte[] read(Descriptor blob) throws IOException {
        try (InputStream in = layout().open(blob)) {
            return in.readAllBytes();
        }
    }

    private Descriptor manifest(Platform platform) throws IOException {
        ImageConfig config = new ImageConfig(
                null, null, platform, ContainerConfig.EMPTY, List.of(new DiffId(Digest.of(LAYER))), List.of());
        ImageManifest manifest = new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                blob(MediaTypes.OCI_CONFIG, config.toJson()),
                List.of(blob(MediaTypes.OCI_LAYER, LAYER)),
                Map.of());
        return blob(MediaTypes.OCI_MANIFEST, manifest.toJson());
    }

    private Descriptor blob(String mediaType, byte[] bytes) throws IOException {
        Descriptor blob = new Descriptor(mediaType, Digest.of(bytes), bytes.length);
        Files.createDirectories(file(blob).getParent());
        Files.write(file(blob), bytes);
        return blob;
    }

    private Path file(Descriptor blob) {
        return folder.resolve("blobs/sha256/" + blob.digest().hex());
    }

    private static Descriptor tagged(Descriptor image, String tag) {
        return image.withAnnotations(Map.of("org.opencontainers.image.ref.name", tag));
    }

    private void index(Descriptor... images) throws IOException {
        Files.write(
                folder.resolve("index.json"), new ImageIndex(MediaTypes.OCI_INDEX, List.of(images), Map.of()).toJson());
    }
}
