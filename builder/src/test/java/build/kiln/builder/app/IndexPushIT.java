package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.IndexPush;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An index of images that were pushed one by one is the index that one build for all platforms makes.
class IndexPushIT {

    private static final List<String> PLATFORMS = List.of("linux/amd64", "linux/arm/v7");

    @TempDir
    private Path folder;

    private DockerRegistry registry;
    private Path context;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.plain(Files.createDirectory(folder.resolve("registry")));
        context = Files.createDirectory(folder.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY Dockerfile /\n");
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void theIndexIsTheOneThatOneBuildForAllMakes() throws Exception {
        build(String.join(",", PLATFORMS), "/both:1");
        build(PLATFORMS.getFirst(), "/parts:first");
        build(PLATFORMS.getLast(), "/parts:second");
        List<IndexPush.Member> members = List.of(
                new IndexPush.Member(Platform.parse(PLATFORMS.getFirst()), Digest.parse(digest("parts", "first"))),
                new IndexPush.Member(Platform.parse(PLATFORMS.getLast()), Digest.parse(digest("parts", "second"))));

        IndexPush.Result result = push(members);

        assertThat(result.index().digest().toString()).isEqualTo(digest("both", "1"));
        assertThat(digest("parts", "1")).isEqualTo(digest("both", "1"));
        assertThat(digest("parts", "latest")).isEqualTo(digest("both", "1"));
        assertThat(result.sizeBytes()).isPositive();
        new ImageValidator(registry.uri()).validate("parts", "1");
        assertThat(push(members)).isEqualTo(result);
    }

    @Test
    void theIndexSaysWhatItsImagesSayAlike() throws Exception {
        List<String> flags = List.of(
                "--predefined-annotations",
                "--annotation=org.opencontainers.image.revision=r1",
                "--annotation=com.example.team=a",
                "--annotation=manifest[linux/arm64]:org.opencontainers.image.source=https://example.com");
        build(String.join(",", PLATFORMS), "/both:1", flags);
        build(PLATFORMS.getFirst(), "/parts:first", flags);
        build(PLATFORMS.getLast(), "/parts:second", flags);

        push(List.of(
                new IndexPush.Member(Platform.parse(PLATFORMS.getFirst()), Digest.parse(digest("parts", "first"))),
                new IndexPush.Member(Platform.parse(PLATFORMS.getLast()), Digest.parse(digest("parts", "second")))));

        assertThat(digest("parts", "1")).isEqualTo(digest("both", "1"));
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            byte[] index = client.resolve(ImageReference.parse(registry.host() + "/parts:1"))
                    .json();
            assertThat(Json.parse(index).path("annotations"))
                    .isEqualTo(Json.object()
                            .put("org.opencontainers.image.created", "2023-11-14T22:13:20Z")
                            .put("org.opencontainers.image.revision", "r1"));
        }
    }

    @Test
    void anImageThatIsNotThereIsNamedAndNoTagMoves() throws Exception {
        build(PLATFORMS.getFirst(), "/parts:first");
        String gone = "sha256:" + "9".repeat(64);
        List<IndexPush.Member> members = List.of(
                new IndexPush.Member(Platform.parse(PLATFORMS.getFirst()), Digest.parse(digest("parts", "first"))),
                new IndexPush.Member(Platform.parse(PLATFORMS.getLast()), Digest.parse(gone)));
        assertThatThrownBy(() -> push(members))
                .isInstanceOf(RegistryFailure.class)
                .hasMessageContaining(gone);
        assertThat(head("parts", "1").statusCode()).isEqualTo(404);
    }

    private IndexPush.Result push(List<IndexPush.Member> members) {
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            return new IndexPush(client, Progress.none(), Clock.systemUTC())
                    .push(
                            members,
                            List.of(
                                    ImageReference.parse(registry.host() + "/parts:1"),
                                    ImageReference.parse(registry.host() + "/parts:latest")),
                            Annotations::commonPredefined,
                            (_, _) -> {});
        }
    }

    private void build(String platforms, String name) {
        build(platforms, name, List.of());
    }

    private void build(String platforms, String name, List<String> flags) {
        List<String> all =
                new ArrayList<>(List.of("build", "--platform=" + platforms, "--push", "-t", registry.host() + name));
        all.addAll(flags);
        all.add(context.toString());
        CommandLineRun run = CommandLineRun.of(folder, Map.of("SOURCE_DATE_EPOCH", "1700000000"), all);
        assertThat(run.status()).as(run.err()).isZero();
    }

    private String digest(String repository, String tag) throws Exception {
        return head(repository, tag)
                .headers()
                .firstValue("Docker-Content-Digest")
                .orElseThrow();
    }

    private HttpResponse<Void> head(String repository, String tag) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(registry.uri() + "/v2/" + repository + "/manifests/" + tag))
                .header("Accept", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json")
                .HEAD()
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding());
        }
    }
}
