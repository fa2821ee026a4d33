package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.testing.FakeRegistry;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How many requests it takes to have a blob in a repository that another one of the same registry has.
class MountTest {

    private static final TestImage IMAGE = TestImage.of(5, 1000);

    private FakeRegistry fake;
    private Registry registry;

    @BeforeEach
    void start() {
        fake = FakeRegistry.start();
        registry = Registry.open(FaultsTest.QUICK);
        assertThat(registry.exists(
                        reference("team/app"), IMAGE.configDescriptor().digest()))
                .as("the scheme is known from here on")
                .isFalse();
        fake.forget();
    }

    @AfterEach
    void stop() {
        registry.close();
        fake.close();
    }

    private ImageReference reference(String repository) {
        return ImageReference.parse(fake.host() + "/" + repository + ":1");
    }

    private void push(String repository) {
        registry.push(
                reference(repository),
                IMAGE.layerDescriptor(),
                List.of(reference("team/base")),
                () -> new ByteArrayInputStream(IMAGE.layer()));
    }

    private List<String> methods() {
        return fake.requests().stream().map(FakeRegistry.Request::method).toList();
    }

    @Test
    void aBlobIsMountedInOneRequest() {
        fake.putBlob("team/base", IMAGE.layer());
        push("team/app");
        push("team/app");

        assertThat(methods()).containsExactly("POST");
        assertThat(fake.blob("team/app", IMAGE.layerDescriptor().digest().toString()))
                .isEqualTo(IMAGE.layer());
    }

    @Test
    void anUploadThatIsOpenedInsteadIsGoneOnWith() {
        push("team/app");

        assertThat(methods()).containsExactly("POST", "HEAD", "PUT");
        assertThat(fake.blob("team/app", IMAGE.layerDescriptor().digest().toString()))
                .isEqualTo(IMAGE.layer());
    }

    @Test
    void anUploadThatIsOpenedInsteadIsCancelledIfTheBlobIsThere() {
        fake.putBlob("team/app", IMAGE.layer());
        push("team/app");

        assertThat(methods()).containsExactly("POST", "HEAD", "DELETE");
    }

    @Test
    void aRegistryThatHasNotMountedIsAskedFirstFromThenOn() {
        push("team/app");
        fake.putBlob("team/other", IMAGE.layer());
        fake.forget();
        push("team/other");

        assertThat(methods()).containsExactly("HEAD");
    }
}
