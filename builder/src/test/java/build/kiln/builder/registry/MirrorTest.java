package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.FakeRegistry.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {

    private static final TestImage IMAGE = TestImage.of(61, 300_000);

    @TempDir
    Path folder;

    private FakeRegistry origin;
    private FakeRegistry mirror;
    private Registry registry;
    private final ImageReference image = ImageReference.parse("registry.example.com/team/app:1");

    @BeforeEach
    void start() throws IOException {
        origin = FakeRegistry.start();
        mirror = FakeRegistry.start();
        Path conf = Files.writeString(folder.resolve("registries.conf"), """
                [[registry]]
                prefix = "registry.example.com"
                location = "%s"
                [[registry.mirror]]
                location = "%s/copies"
                """.formatted(origin.host(), mirror.host()));
        registry = Registry.open(FaultsTest.QUICK.withRegistriesConf(conf));
        fill(origin, "team/app");
    }

    @AfterEach
    void stop() {
        registry.close();
        origin.close();
        mirror.close();
    }

    private static void fill(FakeRegistry fake, String repository) {
        fake.putBlob(repository, IMAGE.layer());
        fake.putBlob(repository, IMAGE.config());
        fake.putManifest(repository, "1", MediaTypes.OCI_MANIFEST, IMAGE.manifest());
    }

    private void pull() throws IOException {
        PulledImage pulled = registry.image(image, TestImage.PLATFORM);
        try (InputStream layer = registry.pull(image, pulled.manifest().layers().getFirst())) {
            assertThat(layer.readAllBytes()).isEqualTo(IMAGE.layer());
        }
    }

    @Test
    void mirrorServesWhatItHas() throws IOException {
        fill(mirror, "copies/team/app");
        pull();
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void originServesWhatTheMirrorHasNot() throws IOException {
        pull();
        assertThat(mirror.requests()).hasToString("[GET /v2/, GET /v2/copies/team/app/manifests/1]");
        assertThat(origin.requests()).hasSize(4);
    }

    @Test
    void originServesWhereTheMirrorIsBroken() throws IOException {
        fill(mirror, "copies/team/app");
        mirror.misbehave(_ -> Fault.INTERNAL_ERROR);
        pull();
    }

    @Test
    void originGoesOnWhereTheMirrorBreaksOffForGood() throws IOException {
        fill(mirror, "copies/team/app");
        mirror.misbehave(number -> number < 3 ? Fault.NONE : number == 3 ? Fault.TRUNCATE : Fault.INTERNAL_ERROR);
        pull();
        assertThat(origin.requests().getLast().path())
                .endsWith("/blobs/" + IMAGE.layerDescriptor().digest());
    }

    @Test
    void failureIsTheOriginsOwn() {
        origin.deny(_ -> 404);
        assertThat(catchThrowableOfType(RegistryFailure.class, () -> registry.resolve(image)))
                .hasMessage("registry.example.com/team/app:1 does not exist: GET /v2/team/app/manifests/1 on "
                        + origin.host() + " answered 404 UNSUPPORTED. Check the name, the tag and the registry.");
    }

    @Test
    void pushGoesToTheOriginAlone() {
        registry.push(image, IMAGE.layerDescriptor(), List.of(), () -> new ByteArrayInputStream(IMAGE.layer()));
        registry.checkPush(image);
        assertThat(mirror.requests()).isEmpty();
    }
}
