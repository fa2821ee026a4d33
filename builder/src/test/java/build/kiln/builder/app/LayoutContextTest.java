package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.ImageValidator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images in a layout folder as named contexts, by the command line.
class LayoutContextTest {

    @TempDir
    private Path own;

    private Path layout;

    /// What the page on sources shows: a layout written by one build is the base of the next.
    @BeforeEach
    void writeLayout() throws IOException {
        layout = own.resolve("store");
        assertThat(build(
                                List.of("-t", "base:1", "--output", "type=oci,tar=false,dest=" + layout),
                                "FROM scratch",
                                "COPY <<EOF /base",
                                "of the layout",
                                "EOF",
                                "ENV FROM_LAYOUT=yes")
                        .status())
                .isZero();
    }

    @Test
    void layoutIsABaseWhoseLayersAreTakenAsTheyAre() throws IOException {
        Path image = own.resolve("image");
        CommandLineRun run = build(
                List.of(
                        "--build-context",
                        "base=oci-layout://" + layout,
                        "--output",
                        "type=oci,tar=false,dest=" + image),
                "FROM base",
                "COPY <<EOF /more",
                "of the build",
                "EOF");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode layers = manifest(image).path("layers");
        assertThat(layers).hasSize(2);
        assertThat(layers.get(0)).isEqualTo(manifest(layout).path("layers").get(0));
        assertThat(blob(image, manifest(image).path("config")).toString()).contains("FROM_LAYOUT=yes");
        assertThat(cached("blobs"))
                .extracting(blob -> blob.getFileName().toString())
                .as("nothing reads the base's files")
                .doesNotContain(hex(layers.get(0)));
        assertThat(cached("layers"))
                .extracting(folder -> folder.resolve("fs"))
                .as("only tables of contents")
                .noneMatch(Files::exists);
    }

    @Test
    void layoutIsReadByCopyFrom() throws IOException {
        Path files = own.resolve("files");
        CommandLineRun run = build(
                List.of(
                        "--build-context",
                        "base=oci-layout://" + layout + ":1",
                        "--output",
                        "type=local,dest=" + files),
                "FROM scratch",
                "COPY --from=base /base /copied");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(files.resolve("copied")).hasContent("of the layout\n");
    }

    @Test
    void layerGoesFromTheFolderToTheRegistry() throws Exception {
        try (FakeRegistry registry = FakeRegistry.start()) {
            CommandLineRun run = build(
                    List.of(
                            "--build-context",
                            "base=oci-layout://" + layout + "@" + digest(layout),
                            "--push",
                            "-t",
                            registry.host() + "/app:1"),
                    "FROM base",
                    "LABEL a=b");

            assertThat(run.status()).as(run.err()).isZero();
            new ImageValidator(registry.uri()).validate("app", "1");
            String layer = manifest(layout).path("layers").get(0).path("digest").asText();
            assertThat(registry.blob("app", layer)).isNotNull();
        }
    }

    @Test
    void damagedLayerEndsThePushAndTheBuildThatReadsIt() throws IOException {
        Path layer = layout.resolve("blobs/sha256")
                .resolve(hex(manifest(layout).path("layers").get(0)));
        byte[] bytes = Files.readAllBytes(layer);
        bytes[12] ^= 1;
        Files.write(layer, bytes);
        String seen = "is damaged: its bytes have the digest " + Digest.of(bytes);

        try (FakeRegistry registry = FakeRegistry.start()) {
            CommandLineRun push = build(
                    List.of(
                            "--build-context",
                            "base=oci-layout://" + layout,
                            "--push",
                            "-t",
                            registry.host() + "/app:1"),
                    "FROM base",
                    "LABEL a=b");
            assertThat(push.lastWord())
                    .startsWith("ERROR: SourceCorrupt: oci-layout://" + layout)
                    .contains(seen);
            assertThat(registry.hasManifest("app", "1")).isFalse();
        }
        CommandLineRun read = build(
                List.of("--build-context", "base=oci-layout://" + layout, "--output=type=cacheonly"),
                "FROM scratch",
                "COPY --from=base /base /");
        assertThat(read.lastWord()).startsWith("ERROR: SourceCorrupt: oci-layout://" + layout);
    }

    @Test
    void layoutWithoutTheTagIsRefusedAtTheLineThatNamesIt() throws IOException {
        assertThat(build(List.of("--build-context", "base=oci-layout://" + layout + ":2"), "FROM base", "LABEL a=b")
                        .lastWord())
                .isEqualTo("ERROR: ImageNotFound: Dockerfile:1: the layout \"" + layout + "\" has no image with the tag"
                        + " \"2\"; it has \"1\". Name one of these: oci-layout://" + layout + ":TAG.");
        assertThat(build(List.of("--build-context", "base=oci-layout://:2"), "FROM base")
                        .lastWord())
                .isEqualTo("ERROR: RequestInvalid: --build-context base: \":2\" names no folder. Write it as"
                        + " oci-layout://FOLDER, oci-layout://FOLDER:TAG or oci-layout://FOLDER@sha256:DIGEST.");
    }

    private CommandLineRun build(List<String> flags, String... dockerfile) throws IOException {
        Path context = own.resolve("context");
        Files.createDirectories(context);
        Files.writeString(context.resolve("Dockerfile"), String.join("\n", dockerfile) + "\n");
        List<String> all = new ArrayList<>(List.of(
                "build",
                "--cache-dir",
                own.resolve("cache-" + dockerfile.length).toString()));
        all.addAll(flags);
        all.add(context.toString());
        return CommandLineRun.of(own, Map.of(), all);
    }

    /// What the cache of the build in question keeps of one kind.
    private List<Path> cached(String kind) throws IOException {
        try (Stream<Path> all = Files.list(own.resolve("cache-4").resolve(kind).resolve("sha256"))) {
            return all.toList();
        }
    }

    private static String digest(Path layout) throws IOException {
        return CommandLineRun.json(layout.resolve("index.json"))
                .path("manifests")
                .get(0)
                .path("digest")
                .asText();
    }

    private static JsonNode manifest(Path layout) throws IOException {
        return CommandLineRun.json(
                layout.resolve("blobs").resolve(digest(layout).replace(':', '/')));
    }

    private static JsonNode blob(Path layout, JsonNode descriptor) throws IOException {
        return CommandLineRun.json(layout.resolve("blobs/sha256").resolve(hex(descriptor)));
    }

    private static String hex(JsonNode descriptor) {
        return descriptor.path("digest").asText().substring("sha256:".length());
    }
}
