package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the outputs of a build hold.
class OutputsTest {

    @TempDir
    private Path own;

    @BeforeEach
    void writeDockerfile() throws IOException {
        Files.writeString(own.resolve("Dockerfile"), """
                FROM scratch
                COPY Dockerfile /etc/
                """);
    }

    @Test
    void aLayoutInAFolderHasAllAnnotationsWhereTheyBelong() throws IOException {
        Path layout = own.resolve("layout");
        build(
                Map.of(),
                "--platform=linux/amd64,linux/arm64",
                "--annotation=all=manifests",
                "--annotation=manifest[linux/arm64]:one=manifest",
                "--annotation=index,index-descriptor:two=places",
                "--annotation=manifest-descriptor[linux/amd64]:three=entry",
                "--output=type=oci,tar=false,dest=" + layout + ",annotation-manifest-descriptor.four=entries");

        JsonNode top = CommandLineRun.json(layout.resolve("index.json"))
                .path("manifests")
                .get(0);
        assertThat(Json.strings(top.path("annotations"))).containsExactlyEntriesOf(Map.of("two", "places"));
        JsonNode index = blob(layout, top);
        assertThat(Json.strings(index.path("annotations"))).containsExactlyEntriesOf(Map.of("two", "places"));
        JsonNode amd64 = index.path("manifests").get(0);
        JsonNode arm64 = index.path("manifests").get(1);
        assertThat(Json.strings(amd64.path("annotations"))).isEqualTo(Map.of("three", "entry", "four", "entries"));
        assertThat(Json.strings(arm64.path("annotations"))).isEqualTo(Map.of("four", "entries"));
        assertThat(Json.strings(blob(layout, amd64).path("annotations"))).isEqualTo(Map.of("all", "manifests"));
        assertThat(Json.strings(blob(layout, arm64).path("annotations")))
                .isEqualTo(Map.of("all", "manifests", "one", "manifest"));
    }

    @Test
    void theEpochOfAnOutputLimitsEveryTimeOfTheImage() throws IOException {
        Path layout = own.resolve("layout");
        build(Map.of(), "--output=type=oci,tar=false,dest=" + layout + ",source-date-epoch=1000");

        JsonNode config = config(layout);
        assertThat(config.path("created").asText()).isEqualTo("1970-01-01T00:16:40Z");
        assertThat(config.path("history").get(0).path("created").asText()).isEqualTo("1970-01-01T00:16:40Z");
        Path again = own.resolve("again");
        build(Map.of("SOURCE_DATE_EPOCH", "1000"), "--output=type=oci,tar=false,dest=" + again);
        assertThat(again.resolve("index.json")).hasSameBinaryContentAs(layout.resolve("index.json"));
    }

    @Test
    void theArchiveForDockerListsItsImage() throws Exception {
        Path archive = own.resolve("image.tar");
        build(Map.of(), "--tag=web:1", "--tag=registry.example.com/team/web", "--output=type=docker,dest=" + archive);
        Path unpacked = Files.createDirectory(own.resolve("unpacked"));
        assertThat(new ProcessBuilder("tar", "-xf", archive.toString(), "-C", unpacked.toString())
                        .start()
                        .waitFor())
                .isZero();

        JsonNode image = CommandLineRun.json(unpacked.resolve("manifest.json")).get(0);
        assertThat(image.path("RepoTags")).hasSize(2);
        assertThat(image.path("RepoTags").get(0).asText()).isEqualTo("web:1");
        assertThat(image.path("RepoTags").get(1).asText()).isEqualTo("registry.example.com/team/web:latest");
        assertThat(image.path("Layers")).hasSize(1);
        for (String name : List.of(
                image.path("Config").asText(), image.path("Layers").get(0).asText())) {
            assertThat(Digest.of(Files.readAllBytes(unpacked.resolve(name))).hex())
                    .isEqualTo(name.substring("blobs/sha256/".length()));
        }
    }

    @Test
    void aFolderOfSeveralPlatformsHasOneFolderEach() throws IOException {
        Path folder = own.resolve("files");
        build(Map.of(), "--platform=linux/amd64,linux/arm/v6", "--output=type=local,dest=" + folder);

        assertThat(folder.resolve("linux_amd64/etc/Dockerfile")).isNotEmptyFile();
        assertThat(folder.resolve("linux_arm_v6/etc/Dockerfile")).isNotEmptyFile();
    }

    @Test
    void anIndexOfOneImageIsMadeIfItIsAskedFor() throws IOException {
        Path layout = own.resolve("layout");
        Path metadata = own.resolve("metadata.json");
        Path files = own.resolve("files");
        build(
                Map.of(),
                "--platform=linux/arm64",
                "--build-arg=BUILDKIT_MULTI_PLATFORM=1",
                "--annotation=index:two=places",
                "--metadata-file=" + metadata,
                "--output=type=oci,tar=false,dest=" + layout,
                "--output=type=local,dest=" + files);

        JsonNode index = blob(
                layout,
                CommandLineRun.json(layout.resolve("index.json"))
                        .path("manifests")
                        .get(0));
        assertThat(index.path("mediaType").asText()).isEqualTo("application/vnd.oci.image.index.v1+json");
        assertThat(Json.strings(index.path("annotations"))).isEqualTo(Map.of("two", "places"));
        assertThat(index.path("manifests")).hasSize(1);
        JsonNode only = index.path("manifests").get(0);
        assertThat(only.path("platform").path("architecture").asText()).isEqualTo("arm64");
        assertThat(blob(layout, only).path("layers")).hasSize(1);
        assertThat(CommandLineRun.json(metadata).has("containerimage.config.digest"))
                .isFalse();
        assertThat(files.resolve("linux_arm64/etc/Dockerfile")).isNotEmptyFile();
    }

    @Test
    void anIndexOfOneImageDoesNotFitEveryOutput() {
        for (String type : List.of("docker", "tar")) {
            CommandLineRun run = CommandLineRun.of(
                    own,
                    Map.of(),
                    List.of(
                            "build",
                            "--build-arg=BUILDKIT_MULTI_PLATFORM=true",
                            "--output=type=" + type + ",dest=" + own.resolve("out"),
                            own.toString()));
            assertThat(run.status()).isNotZero();
            assertThat(run.err()).contains("BUILDKIT_MULTI_PLATFORM asks for");
        }
    }

    @Test
    void theFileOfMetadataIsTheOneOfBuildx() throws IOException {
        Path file = own.resolve("metadata.json");
        Path id = own.resolve("id");
        build(
                Map.of(),
                "--tag=web:1",
                "--platform=linux/amd64",
                "--metadata-file=" + file,
                "--iidfile=" + id,
                "--output=type=oci,\"name=team/web,web:2\",dest=" + own.resolve("image.tar"));

        JsonNode metadata = CommandLineRun.json(file);
        assertThat(metadata.path("image.name").asText())
                .isEqualTo("docker.io/library/web:1,docker.io/team/web:latest,docker.io/library/web:2");
        assertThat(metadata.path("containerimage.config.digest").asText()).isEqualTo(Files.readString(id));
        JsonNode descriptor = metadata.path("containerimage.descriptor");
        assertThat(descriptor.path("digest")).isEqualTo(metadata.path("containerimage.digest"));
        assertThat(descriptor.path("platform").path("architecture").asText()).isEqualTo("amd64");
    }

    private void build(Map<String, String> variables, String... flags) {
        List<String> arguments = new ArrayList<>(List.of("build"));
        arguments.addAll(List.of(flags));
        arguments.add(own.toString());
        CommandLineRun run = CommandLineRun.of(own, variables, arguments);
        assertThat(run.status()).as(run.err()).isZero();
    }

    private static JsonNode config(Path layout) throws IOException {
        JsonNode top = CommandLineRun.json(layout.resolve("index.json"))
                .path("manifests")
                .get(0);
        return blob(layout, blob(layout, top).path("config"));
    }

    private static JsonNode blob(Path layout, JsonNode descriptor) throws IOException {
        Digest digest = Digest.parse(descriptor.path("digest").asText());
        byte[] bytes = Files.readAllBytes(layout.resolve("blobs/sha256/" + digest.hex()));
        assertThat(Digest.of(bytes)).isEqualTo(digest);
        return Json.parse(bytes);
    }
}
